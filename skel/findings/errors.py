"""What is wrong with a setting that governs reports."""

from __future__ import annotations


class BadSettingError(Exception):
    """An ignore or a baseline that can't be used. `message` is one sentence with the place; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} ({hint})" if hint else message)
