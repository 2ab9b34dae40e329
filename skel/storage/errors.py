"""What goes wrong with a trace, or with the place where it lies: one kind of error, with a way out."""

from __future__ import annotations


class TraceError(Exception):
    """A trace that can't be read or written. `message` is one sentence with the place; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} ({hint})" if hint else message)
