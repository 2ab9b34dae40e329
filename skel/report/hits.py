"""What a query found, for people and for programs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from skel.patch.values import Json
from skel.query.search import Hit
from skel.report.moment import moment
from skel.report.terminal import Paint, printable

SCHEMA_VERSION = 1
# Lines that are lined up together (so that a search of a big trace shows its first hits early), and the widest column.
_BLOCK = 200
_WIDEST = 60


def hit_lines(hits: Iterable[Hit], paint: Paint) -> Iterator[str]:
    """A line a hit: event, time, object, path, value as JSON; columns are as wide as the widest entry so far."""
    widths = [0, 0, 0, 0]
    rest = iter(hits)
    while block := [_cells(hit) for hit in islice(rest, _BLOCK)]:
        for column in range(4):
            found = max(len(cells[column]) for cells in block)
            widths[column] = max(widths[column], min(found, _WIDEST))
        for event, time, name, path, value in block:
            yield (
                paint(f"{event:>{widths[0]}}  {time:<{widths[1]}}", "dim")
                + "  "
                + paint(f"{name:<{widths[2]}}", "bold")
                + f"  {paint(f'{path:<{widths[3]}}', 'cyan')}  {value}"
            )


def _cells(hit: Hit) -> tuple[str, str, str, str, str]:
    thing = hit.object
    name = f"{thing} (deleted)" if thing.deleted else str(thing)
    return str(thing.event), moment(thing.timestamp), printable(name), printable(hit.path), compact(hit.value)


def compact(value: Json) -> str:
    """A value as JSON on one line, safe to show."""
    return printable(_encode(value).decode())


def hits_json(hits: Iterable[Hit], jsonpath: str) -> Iterator[bytes]:
    """One JSON document, in pieces."""
    yield b'{"schemaVersion":%d,"jsonPath":%s,"hits":[' % (SCHEMA_VERSION, _encode(jsonpath))
    separator = b"\n"
    for hit in hits:
        yield separator + _encode(hit.as_json())
        separator = b",\n"
    yield b"\n]}\n"


def hits_jsonl(hits: Iterable[Hit]) -> Iterator[bytes]:
    """A line of JSON a hit."""
    for hit in hits:
        yield _encode({"schemaVersion": SCHEMA_VERSION, **hit.as_json()}) + b"\n"


def _encode(value: Json) -> bytes:
    return msgspec.json.encode(value, enc_hook=str)
