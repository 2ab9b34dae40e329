"""Findings in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import MappingProxyType

from skel.findings.model import Findings
from skel.findings.order import in_order
from skel.findings.redact import Redacted, redacted
from skel.report.findings.github import github_report
from skel.report.findings.json_form import json_report
from skel.report.findings.junit import junit_report
from skel.report.findings.markdown import markdown_report
from skel.report.findings.page import html_report
from skel.report.findings.rows import csv_report, wide_report
from skel.report.findings.sarif import sarif_report
from skel.report.findings.text import text_report
from skel.report.findings.view import View
from skel.report.findings.yaml_form import yaml_report

Form = Callable[[Redacted, View], Iterator[str]]

FORMS: MappingProxyType[str, Form] = MappingProxyType(
    {
        "text": text_report,
        "wide": wide_report,
        "json": json_report,
        "yaml": yaml_report,
        "csv": csv_report,
        "markdown": markdown_report,
        "junit": junit_report,
        "sarif": sarif_report,
        "github": github_report,
        "html": html_report,
    }
)


def render(findings: Findings, form: str = "text", view: View | None = None) -> str:
    """The report as one text. Secrets are left out and the order is always the same. Raises KeyError for an unknown
    form; FORMS has them all.
    """
    text = "".join(FORMS[form](redacted(in_order(findings)), view or View()))
    return text.encode("utf-8", "replace").decode()
