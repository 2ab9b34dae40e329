"""How long work shows that it goes on."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Whoever wants to see what goes on."""

    def say(self, text: str) -> None:
        """Show a step, in one line."""

    def count(self, text: str, done: int, total: int) -> None:
        """Show how far the step `text` is; a total of 0 is not known."""


class Silent:
    """Nobody looks."""

    def say(self, text: str) -> None:
        """Nothing."""

    def count(self, text: str, done: int, total: int) -> None:
        """Nothing."""
