"""The loop: read, answer, until the end."""

from __future__ import annotations

from collections.abc import Callable

from skel.repl.shell import Shell

Read = Callable[[], str]
"""The next input. Raises EOFError at the end, KeyboardInterrupt if the line is to be forgotten."""


def run(shell: Shell, read: Read) -> None:
    """Answer every input. An interrupt ends the answer, or clears the line, and not the session."""
    while not shell.is_over:
        try:
            text = read()
        except KeyboardInterrupt:
            continue
        except EOFError:
            return
        try:
            shell.answer(text)
        except KeyboardInterrupt:
            shell.err("interrupted")
