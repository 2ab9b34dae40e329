"""A change that can't be written into a file as it is laid out."""

from __future__ import annotations


class RewriteError(Exception):
    """`message` says what, `hint` what to do by hand. `line` counts from 1; 0 if it is unknown."""

    def __init__(self, message: str, hint: str, offset: int | None = None) -> None:
        self.message = message
        self.hint = hint
        self.offset = offset
        self.line = 0
        super().__init__(message)

    def __str__(self) -> str:
        place = f"line {self.line}: " if self.line else ""
        return f"{place}{self.message} ({self.hint})"
