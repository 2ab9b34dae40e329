"""The floor: read a trace, split it into raw objects, write it again. No transform can need less than this.

python -m bench.floor IN OUT
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from msgspec import Raw, Struct, msgpack


class Event(Struct):
    ts: int
    applied_objs: list[Raw]
    deleted_objs: list[Raw]


class Trace(Struct):
    version: int
    config: Raw
    events: list[Event]
    index: Raw
    pod_lifecycles: Raw


def main() -> None:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    gc.disable()
    trace = msgpack.decode(source.read_bytes(), type=Trace)
    target.write_bytes(msgpack.encode(trace))


if __name__ == "__main__":
    main()
