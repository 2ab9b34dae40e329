"""Many traces by one name: a folder, a prefix in a bucket, or a pattern."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never
from urllib.parse import quote

from skel.storage import cloud
from skel.storage.errors import TraceError
from skel.storage.files import explained
from skel.storage.packing import plain_name
from skel.storage.place import Bucket, File, Stream, Web, place, shown

SUFFIX = ".sktrace"
_WILD = re.compile(r"[*?\[]")
_PIECES = re.compile(r"\*\*/|\*\*|\*|\?|\[!?[^\]]+\]|[^*?\[]+|\[")


@dataclass(frozen=True, slots=True)
class Found:
    """A trace that can be opened by its `path`; `size` in bytes as it lies there, None if only opening it tells."""

    path: str
    size: int | None = None


def is_trace_name(path: str) -> bool:
    """Whether it is named as traces are: `.sktrace`, with what says how it is packed behind it or not."""
    return plain_name(path).endswith(SUFFIX)


def traces(text: str) -> tuple[Found, ...]:
    """The traces that a text names, in the order of their names.

    A folder and a prefix (`s3://bucket/traces/`) stand for all below them that are named `.sktrace`, packed or not; a
    pattern (`*`, `**`, `[ab]`, in files also `?`) for what it matches; anything else is one trace. Raises TraceError,
    also if there is none.
    """
    named = place(text)
    match named:
        case Bucket() if named.is_prefix or _WILD.search(named.key):
            found = _in_bucket(named)
        case File(path) if path.is_dir():
            found = _files(path, "**/*", text)
        case File(path) if _WILD.search(str(path)) and not path.exists():
            found = _matching(path, text)
        case Stream() | Web() | Bucket() | File():
            return (Found(text),)
        case _:
            assert_never(named)
    if not found:
        raise TraceError(
            f"there is no trace in {shown(text)}", f"traces are named *{SUFFIX}, *{SUFFIX}.gz, *{SUFFIX}.zst"
        )
    return found


def _in_bucket(bucket: Bucket) -> tuple[Found, ...]:
    wild = _WILD.search(bucket.key)
    fixed = bucket.key[: wild.start()].rpartition("/")[0] if wild else bucket.key
    pattern = _pattern(bucket.key) if wild else None
    stored = cloud.listed(Bucket(bucket.root, fixed.rstrip("/") + "/" if fixed else "", bucket.cloud))
    return tuple(
        Found(f"{bucket.root}/{quote(item.key)}", item.size)
        for item in stored
        if (pattern.fullmatch(item.key) if pattern else is_trace_name(item.key))
    )


def _matching(path: Path, text: str) -> tuple[Found, ...]:
    parts = path.parts
    first = next(number for number, part in enumerate(parts) if _WILD.search(part))
    return _files(Path(*parts[:first]), "/".join(parts[first:]), text, named=True)


def _files(folder: Path, pattern: str, text: str, *, named: bool = False) -> tuple[Found, ...]:
    try:
        files = sorted(file for file in folder.glob(pattern) if file.is_file() and (named or is_trace_name(file.name)))
        return tuple(Found(str(file), file.stat().st_size) for file in files)
    except OSError as error:
        raise explained(error, text, "read") from None


def _pattern(key: str) -> re.Pattern[str]:
    """A pattern of keys: `*` stays in one folder, `**` does not."""
    special = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    pieces = (
        special.get(piece) or (piece.replace("[!", "[^", 1) if piece[0] == "[" and len(piece) > 1 else re.escape(piece))
        for piece in _PIECES.findall(key)
    )
    try:
        return re.compile("".join(pieces), re.DOTALL)
    except re.error:
        raise TraceError(f"{key} is no pattern", "brackets hold the characters to choose from: [ab]") from None
