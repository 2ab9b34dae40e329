"""Reports for tests: of one moment, with the sample's texts at hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from skel.findings.model import Findings
from skel.report.findings.render import render
from skel.report.findings.view import View
from tests.report.sample import RULE, cronjob

MADE = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC)


def view(**settings: Any) -> View:
    usual: dict[str, Any] = {
        "root": Path.cwd(),
        "version": "1.2.3",
        "made": MADE,
        "read": {"rules/old.skel": RULE}.get,
    }
    return View(**{**usual, **settings})


def report(findings: Findings, form: str, **settings: Any) -> str:
    return render(findings, form, view(**settings))


def one(**changes: Any) -> Findings:
    """A single finding about a CronJob, with what the test wants to be different."""
    return Findings((replace(cronjob("backup", 1), **changes),), target="1.25")
