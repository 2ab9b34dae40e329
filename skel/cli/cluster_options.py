"""What the verbs of `skel cluster` share: which cluster is meant, and how progress is shown."""

from __future__ import annotations

import sys
import time

import click

_EVERY = 0.1
"""Seconds between two updates of a line that counts."""


class Shown:
    """Progress on standard error: steps as lines; what is counted only on a terminal, in a line that is rewritten."""

    def __init__(self) -> None:
        self._on_terminal = sys.stderr.isatty()
        self._counting = False
        self._last = 0.0

    def say(self, text: str) -> None:
        self._end_count()
        click.echo(text, err=True)

    def count(self, text: str, done: int, total: int) -> None:
        now = time.monotonic()
        if not self._on_terminal or (now - self._last < _EVERY and done != total):
            return
        self._last, self._counting = now, done != total
        share = f"{done} of {total}" if total else str(done)
        click.echo(f"\r\x1b[K{text}: {share}", err=True, nl=not self._counting, color=True)

    def _end_count(self) -> None:
        if self._counting:
            click.echo("", err=True)
        self._counting = False


def chosen(name: str | None) -> str:
    """The cluster that is meant: the one that was named, or the only one there is."""
    from skel.cluster.state import homes

    if name is not None:
        return name
    names = [place.name for place in homes()]
    if not names:
        raise click.UsageError("there is no cluster; `skel cluster up` makes one")
    if len(names) > 1:
        raise click.UsageError(f"which cluster? there are {', '.join(names)}")
    return names[0]


def need_extra() -> None:
    """Say what to install before an import fails."""
    from importlib.util import find_spec

    missing = [library for library in ("aiohttp", "cryptography") if find_spec(library) is None]
    if missing:
        raise click.UsageError(f"{' and '.join(missing)} is missing: pip install 'skel-lang[replay]' brings it")
