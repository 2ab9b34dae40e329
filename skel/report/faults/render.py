"""Runs with faults in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from types import MappingProxyType

from skel.faults.columns import Column, columns
from skel.faults.model import Report
from skel.report.faults.json_form import json_report
from skel.report.faults.junit import junit_report
from skel.report.faults.page import html_report
from skel.report.faults.text import text_report
from skel.report.findings.view import View

FORMS: MappingProxyType[str, Callable[[Sequence[Column], View], Iterator[str]]] = MappingProxyType(
    {"text": text_report, "json": json_report, "junit": junit_report, "html": html_report}
)


def render(reports: Iterable[Report], form: str = "text", view: View | None = None) -> str:
    """Runs of one scenario as one text; there is at least one. Raises KeyError for an unknown form."""
    text = "".join(FORMS[form](columns(reports), view or View()))
    return text.encode("utf-8", "replace").decode()
