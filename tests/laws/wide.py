"""MessagePack as nobody writes it: all numbers in their widest form. A codec that writes it again changes it."""

from __future__ import annotations

import struct

from tests.oracle_functions import Json


def wide(value: Json) -> bytes:
    match value:
        case None:
            return b"\xc0"
        case bool():
            return b"\xc3" if value else b"\xc2"
        case int():
            return struct.pack(">Bq", 0xD3, value)
        case float():
            return struct.pack(">Bd", 0xCB, value)
        case str():
            data = value.encode()
            return struct.pack(">BI", 0xDB, len(data)) + data
        case list():
            return struct.pack(">BI", 0xDD, len(value)) + b"".join(map(wide, value))
        case dict():
            entries = b"".join(wide(key) + wide(item) for key, item in value.items())
            return struct.pack(">BI", 0xDF, len(value)) + entries
        case _:
            raise TypeError(type(value))
