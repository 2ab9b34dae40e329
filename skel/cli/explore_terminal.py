"""The explorer of `skel explore`, in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from skel.findings.model import Finding
    from skel.trace.model import Trace
    from skel.upgrade.checking import Upgrade


def open_explorer(path: str, upgrade: Upgrade | None) -> int:
    """Look around until the person leaves; with an upgrade, what it breaks stands beside the objects.

    Raises a usage error without a terminal or without the library, TraceError for a bad trace.
    """
    explore = _explore()
    if path == "-" or not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise click.UsageError("the explorer needs a terminal and a file; --html writes a page, `skel trace show` text")

    from skel.repl.session import Session
    from skel.trace.model import Trace

    explore(Session(Trace.open(path)), partial(_check, upgrade) if upgrade else None)
    return 0


def _explore() -> Any:
    try:
        from skel.tui.app import explore
    except ModuleNotFoundError as error:
        raise click.UsageError(f"the explorer needs {error.name}: pip install 'skel-lang[tui]' brings it") from None
    return explore


def _check(upgrade: Upgrade, trace: Trace) -> Iterable[Finding]:
    from skel.findings.redact import redacted
    from skel.upgrade.checking import check_trace

    return redacted(check_trace(upgrade, trace))
