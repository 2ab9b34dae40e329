"""What is wrong with a text, and where in it: offsets count characters from the beginning of the text that was read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Twice:
    """A key that stands twice in a map: where it stood first, and where it stands again."""

    name: str
    first: int
    again: int


class UnreadableError(Exception):
    """A document that can't be used."""

    def __init__(self, offset: int, message: str) -> None:
        self.offset = offset
        self.message = message
        super().__init__(message)
