"""The text that names a place -> what it is: a standard stream, a file, something on a web server, or in a bucket."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from skel.storage.errors import TraceError

STANDARD_STREAM = "-"
CLOUDS = {
    "s3": "AWS",
    "s3a": "AWS",
    "gs": "GOOGLE",
    "az": "AZURE",
    "azure": "AZURE",
    "adl": "AZURE",
    "abfs": "AZURE",
    "abfss": "AZURE",
}
"""The schemes of object storage, and how the names of the environment variables begin that reach it."""
_WEB = ("http", "https")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.-]*)://(.*)", re.DOTALL)
_SECRET = re.compile(r"(?P<scheme>^[A-Za-z][A-Za-z0-9+.-]*://)(?:[^/@?#]*@)?(?P<path>[^?#]*)(?P<rest>.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Stream:
    """Standard input or standard output."""


@dataclass(frozen=True, slots=True)
class File:
    """A file of this machine."""

    path: Path


@dataclass(frozen=True, slots=True)
class Web:
    """What a web server gives; the URL may hold a signature or a password."""

    url: str


@dataclass(frozen=True, slots=True)
class Bucket:
    """An object in a bucket, or all below a prefix if the key is empty or ends with `/`.

    `root` is the URL of the bucket without a slash behind it, `cloud` one of AWS, GOOGLE, AZURE.
    """

    root: str
    key: str
    cloud: str

    @property
    def is_prefix(self) -> bool:
        return not self.key or self.key.endswith("/")

    def __str__(self) -> str:
        return f"{self.root}/{self.key}"


Place = Stream | File | Web | Bucket


def place(text: str) -> Place:
    """What a text names. Raises TraceError for what names nothing."""
    if text == STANDARD_STREAM:
        return Stream()
    if not text or "\0" in text:
        raise TraceError(f"{text!r} is not the name of a file")
    found = _SCHEME.fullmatch(text)
    if not found:
        return File(Path(text))
    scheme, rest = found[1].lower(), found[2]
    if scheme == "file":
        return File(_local(text, rest))
    if scheme in _WEB:
        return Web(text)
    if scheme in CLOUDS:
        return _bucket(text, scheme, rest)
    known = ", ".join(f"{name}://" for name in ("file", *_WEB, *CLOUDS))
    raise TraceError(f"{shown(text)}: there is no storage for `{scheme}://` here", f"there are {known}")


def is_remote(text: str) -> bool:
    """Whether it is the URL of something that is not on this machine. Never raises."""
    found = _SCHEME.fullmatch(text)
    return found is not None and found[1].lower() in (*_WEB, *CLOUDS)


def is_prefix(text: str) -> bool:
    """Whether it names all that is below a place in a bucket."""
    found = place(text) if is_remote(text) else None
    return isinstance(found, Bucket) and found.is_prefix


def shown(text: str, stream: str = "standard input") -> str:
    """The place as messages name it, without a password or a signature; `stream` is what `-` stands for."""
    if text == STANDARD_STREAM:
        return stream
    found = _SECRET.match(text) if is_remote(text) else None
    if not found or _scheme(found["scheme"]) in {"abfs", "abfss"}:
        return text.partition("?")[0] if found else text
    return f"{found['scheme']}{found['path']}{'?...' if found['rest'] else ''}"


def recorded(text: str) -> str:
    """The place as reports and commands name it: as it was typed, without a password or a signature."""
    return shown(text, STANDARD_STREAM)


def path_of(text: str) -> str:
    """The part of the name that suffixes are looked for in."""
    return text.partition("?")[0].partition("#")[0] if is_remote(text) else text


def _scheme(text: str) -> str:
    return text.partition(":")[0].lower()


def _local(text: str, rest: str) -> Path:
    rest = rest.removeprefix("localhost") if rest.startswith("localhost/") else rest
    if not rest:
        raise TraceError(f"{text!r} is not the name of a file")
    return Path(unquote(rest) if rest.startswith("/") else rest)


def _bucket(text: str, scheme: str, rest: str) -> Bucket:
    if "?" in rest or "#" in rest:
        raise TraceError(
            f"{shown(text)}: the name of an object ends at `?` and `#`", "write %3F and %23 where they belong to it"
        )
    bucket, _, key = rest.partition("/")
    if not bucket:
        raise TraceError(f"{text} names no bucket", f"write {scheme}://BUCKET/PATH")
    return Bucket(f"{scheme}://{bucket}", unquote(key.lstrip("/")), CLOUDS[scheme])
