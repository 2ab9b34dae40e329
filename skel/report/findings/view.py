"""What a report needs to know besides the findings."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from skel.findings.exit import FailOn
from skel.findings.model import Finding
from skel.report.findings.frame import read_text
from skel.report.terminal import Paint


def now() -> datetime:
    """The time in UTC; SOURCE_DATE_EPOCH (Unix seconds) instead of the clock where it is set, so that a report can be
    made again.
    """
    fixed = os.environ.get("SOURCE_DATE_EPOCH", "")
    return datetime.fromtimestamp(int(fixed), UTC) if fixed.isdigit() else datetime.now(UTC)


Frames = Callable[[Finding, bool], str | None]
"""Shows a finding about a text, in colour or not; None for one that it does not know."""


@dataclass(frozen=True, slots=True)
class View:
    """How a report is made.

    `width` are the columns of the terminal; `root` is the folder that addresses of files are relative to; `made` is
    when; `fail_on` decides which findings fail a test case; `read` gives the text of a file; `frames`, if there
    is one, goes before the usual way to show a line of it.
    """

    paint: Paint = field(default_factory=lambda: Paint(color=False))
    width: int = 100
    root: Path = field(default_factory=Path.cwd)
    version: str = ""
    made: datetime = field(default_factory=now)
    fail_on: FailOn = FailOn.DEPRECATED
    read: Callable[[str], str | None] = read_text
    frames: Frames | None = None
