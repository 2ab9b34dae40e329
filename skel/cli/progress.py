"""A progress bar for long runs."""

from __future__ import annotations

import sys
from typing import Any

import click

LONG = 20_000
"""Events from which on a progress bar is worth its line."""


def progress(events: int) -> Any:
    """A progress bar on standard error, on a terminal and for a long run; a context with a callback, or None."""
    from contextlib import nullcontext

    return nullcontext() if events < LONG else counting(events, "events")


def counting(number: int, things: str) -> Any:
    """A progress bar on standard error, on a terminal; a context with a callback, or None."""
    from contextlib import contextmanager, nullcontext

    if not sys.stderr.isatty():
        return nullcontext()

    @contextmanager
    def shown() -> Any:
        with click.progressbar(length=number, label=things, file=sys.stderr) as bar:
            yield bar.update

    return shown()
