"""A file as text, and the text in pieces: each can be read, or be broken, without the others."""

from __future__ import annotations

import codecs
import re
from dataclasses import dataclass

from skel.manifests.complaint import UnreadableError


@dataclass(frozen=True, slots=True)
class Text:
    """What a file says, without its byte order mark; `encoding` is the one with which it is written back."""

    text: str
    encoding: str = "utf-8"

    def encode(self, text: str) -> bytes:
        """The bytes of a file that says `text` in the manner of this one."""
        match self.encoding:
            case "utf-16-le":
                return codecs.BOM_UTF16_LE + text.encode("utf-16-le")
            case "utf-16-be":
                return codecs.BOM_UTF16_BE + text.encode("utf-16-be")
            case encoding:
                return text.encode(encoding)


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of the text, half-open."""

    start: int
    end: int


def decode(data: bytes) -> Text:
    """Raises UnreadableError, whose offset is that of the first byte that is no text."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encoding, body = ("utf-16-le" if data[0] == 0xFF else "utf-16-be"), data[2:]
    elif data.startswith(codecs.BOM_UTF8):
        encoding, body = "utf-8-sig", data[3:]
    else:
        encoding, body = "utf-8", data
    try:
        return Text(body.decode("utf-8" if encoding == "utf-8-sig" else encoding), encoding)
    except UnicodeDecodeError as error:
        before = len(body[: error.start].decode("utf-8", "ignore"))
        raise UnreadableError(before, f"byte {body[error.start]:#04x} is no UTF-8: save the file as UTF-8") from None


_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_HOLDS_SOMETHING = re.compile(r"^(?!---[ \t]*(?:#|\r?$))[ \t]*[^\s#%]", re.MULTILINE)


def pieces(text: str) -> list[Piece]:
    """The text cut at lines with `---`, which end a document wherever they stand.

    What holds nothing but comments, blank lines and directives stays with what follows it.
    """
    cuts = [found.start() for found in _SEPARATOR.finditer(text)]
    result: list[Piece] = []
    start = 0
    for cut in cuts:
        if _HOLDS_SOMETHING.search(text, start, cut):
            result.append(Piece(start, cut))
            start = cut
    if _HOLDS_SOMETHING.search(text, start):
        result.append(Piece(start, len(text)))
    return result


def line_and_column(text: str, offset: int) -> tuple[int, int]:
    """Both from 1."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


class Lines:
    """The lines of ascending offsets, without counting from the beginning each time."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._offset = 0
        self._line = 1

    def number(self, offset: int) -> int:
        """From 1."""
        if offset < self._offset:
            return line_and_column(self._text, offset)[0]
        self._line += self._text.count("\n", self._offset, offset)
        self._offset = offset
        return self._line
