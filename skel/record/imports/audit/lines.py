"""Files of an audit log -> its events, one at a time, with their places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import msgspec

from skel.record.imports.audit.line import AuditEvent, decode_event
from skel.record.imports.losses import Losses, Reason
from skel.record.imports.opened import blocks
from skel.storage.store import shown

LONGEST = 64 << 20
"""Bytes of a line. A request has at most 3 MiB; a webhook sends batches of some hundred."""

_WHOLE_FILE = 1 << 30
_BOM = b"\xef\xbb\xbf"

CUT_OFF = Reason("line", "cut off: the log was copied while it was written, or by half")
NOT_JSON = Reason("line", "no JSON")
NOT_UTF8 = Reason("line", "holds bytes that are no UTF-8")
NOT_AUDIT = Reason("line", "no event of audit.k8s.io")
TOO_LONG = Reason("line", f"longer than {LONGEST >> 20} MiB")


class Place(NamedTuple):
    """A line of a file, from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


Placed = tuple[AuditEvent, Place]


def events(paths: Iterable[str], losses: Losses) -> Iterator[Placed]:
    """All events of these files, in the order in which they stand there. Raises TraceError for one not to be opened."""
    for path in paths:
        yield from _of_file(path, losses)


def _of_file(path: str, losses: Losses) -> Iterator[Placed]:
    name = shown(path)
    found = lines(blocks(path, losses), name, losses)
    first = next(found, None)
    if first is None:
        return
    if first[1].strip() in {b"{", b"["}:
        # Laid out for people, as `jq .` does: one value over many lines.
        yield from _pretty(first[1] + b"\n".join(line for _, line in found), Place(name, 1), losses)
        return
    yield from _of_line(Place(name, first[0]), first[1], losses)
    for number, line in found:
        yield from _of_line(Place(name, number), line, losses)


def lines(found: Iterable[bytes], name: str, losses: Losses) -> Iterator[tuple[int, bytes]]:
    """Lines that hold something, with their numbers; the bytes come in blocks."""
    number, parts, size = 1, list[bytes](), 0
    for block in found:
        *whole, rest = block.split(b"\n")
        if whole:
            parts.append(whole[0])
            whole[0] = b"".join(parts) if size <= LONGEST else b""
            if size > LONGEST:
                losses.add(TOO_LONG, f"{name}:{number}")
            for line in whole:
                if line:
                    yield number, line
                number += 1
            parts, size = [], 0
        size += len(rest)
        parts = [*parts, rest] if size <= LONGEST else []
    if size > LONGEST:
        losses.add(TOO_LONG, f"{name}:{number}")
    elif last := b"".join(parts):
        yield number, last


def _of_line(place: Place, line: bytes, losses: Losses) -> Iterator[Placed]:
    try:
        event = decode_event(line)
    except (ValueError, RecursionError) as error:
        _complain(line, error, place, losses)
        return
    if event.items is None and event.auditID:
        yield event, place
    elif event.is_list:
        for item in event.items or ():
            yield from _of_line(place, bytes(item), losses)
    else:
        losses.add(NOT_AUDIT, str(place))


def _complain(line: bytes, error: ValueError | RecursionError, place: Place, losses: Losses) -> None:
    line = line.removeprefix(_BOM).strip()
    if not line:
        return
    if isinstance(error, UnicodeDecodeError):
        losses.add(NOT_UTF8, str(place))
    elif isinstance(error, msgspec.ValidationError):
        losses.add(NOT_AUDIT, str(place))
    elif "truncated" in str(error):
        losses.add(CUT_OFF, str(place))
    else:
        losses.add(NOT_JSON, str(place))


def _pretty(text: bytes, place: Place, losses: Losses) -> Iterator[Placed]:
    if len(text) > _WHOLE_FILE:
        losses.add(TOO_LONG, str(place))
        return
    yield from _of_line(place, text, losses)
