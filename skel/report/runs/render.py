"""A run, a comparison or a rehearsal in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType

from skel.replay.account import Account
from skel.replay.compare import Comparison
from skel.replay.rehearsal import Rehearsal
from skel.report.findings.view import View
from skel.report.runs.comparison_text import account_text, comparison_text
from skel.report.runs.json_form import json_report
from skel.report.runs.junit import junit_report
from skel.report.runs.page import html_report
from skel.report.runs.rehearsal_text import rehearsal_text

Shown = Account | Comparison | Rehearsal


def text_report(found: Shown, view: View) -> Iterator[str]:
    """For a terminal."""
    match found:
        case Account():
            return account_text(found, view)
        case Comparison():
            return comparison_text(found, view)
        case Rehearsal():
            return rehearsal_text(found, view)


FORMS: MappingProxyType[str, Callable[[Shown, View], Iterator[str]]] = MappingProxyType(
    {"text": text_report, "json": json_report, "junit": junit_report, "html": html_report}
)


def render(found: Shown, form: str = "text", view: View | None = None) -> str:
    """The report as one text. Secrets are left out, and the order is always the same. Raises KeyError for an unknown
    form.
    """
    text = "".join(FORMS[form](found, view or View()))
    return text.encode("utf-8", "replace").decode()
