"""Reading what is typed with the standard library alone: from a pipe, or from a terminal without prompt_toolkit."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import suppress

from skel.repl.typed import is_open

PROMPT = "skel> "
CONTINUED = "  ... "


def inputs(lines: Iterator[str]) -> Iterator[str]:
    """Lines joined to whole inputs."""
    text = ""
    for line in lines:
        text = f"{text}\n{line}" if text else line
        if not is_open(text):
            yield text
            text = ""
    if text:
        yield text


def piped(lines: Iterator[str]) -> Callable[[], str]:
    """A reader for `run`: the inputs in a stream of lines, then EOFError."""
    rest = inputs(line.rstrip("\r\n") for line in lines)

    def read() -> str:
        try:
            return next(rest)
        except StopIteration:
            raise EOFError from None

    return read


def typed() -> Callable[[], str]:
    """A reader for `run`: a terminal with what `input` has to offer."""
    with suppress(ImportError):
        import readline  # noqa: F401  (with it, `input` can be edited)

    def read() -> str:
        try:
            text = input(PROMPT)
            while is_open(text):
                text = f"{text}\n{input(CONTINUED)}"
        except (KeyboardInterrupt, EOFError):
            sys.stdout.write("\n")
            raise
        return text

    return read
