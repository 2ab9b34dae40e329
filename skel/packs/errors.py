"""What goes wrong with finding and fetching packs; what is wrong inside of one is told by diagnostics."""

from __future__ import annotations


class PackError(Exception):
    """A pack that can't be had. `message` is one sentence; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} ({hint})" if hint else message)
