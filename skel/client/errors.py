"""What goes wrong with reaching a cluster; what the server itself refuses is a Response, never an error."""

from __future__ import annotations


class ClientError(Exception):
    """A cluster that can't be used as asked. `message` is one sentence with the place; `hint` says what to do."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} ({hint})" if hint else message)


class Disconnected(ClientError):
    """No answer came: refused, reset or timed out. Nobody knows whether the server did what was asked."""


class NotServed(ClientError):
    """The server has no such collection, or none any more: its version may be gone behind an upgrade."""
