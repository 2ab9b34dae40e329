"""What is asked of a fleet, and what comes back of each trace."""

from __future__ import annotations

from dataclasses import dataclass

from skel.findings.model import Findings
from skel.storage.errors import TraceError

TRIES = 3
"""How often a trace is begun whose worker dies."""
Release = tuple[str | None, str]


class FleetError(TraceError):
    """The engine can't work at all; nothing is said about any trace."""


@dataclass(frozen=True, slots=True)
class Order:
    """The check that every worker makes ready for itself: releases and packs by name, as they are typed."""

    source: str | None = None
    target: str | None = None
    components: tuple[tuple[str, Release], ...] = ()
    packs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one trace: its findings, or why there are none. `lost` names the workers that died over it."""

    path: str
    findings: Findings | None = None
    error: str = ""
    hint: str = ""
    seconds: float = 0.0
    lost: tuple[str, ...] = ()


def given_up(path: str, lost: tuple[str, ...]) -> Outcome:
    """A trace that no worker survives."""
    message = f"{len(lost)} workers died while they checked it: {', '.join(lost)}"
    return Outcome(path, error=message, hint="is there enough memory? try it alone: `skel check`", lost=lost)
