"""Workflow commands of GitHub Actions: annotations beside the lines of a pull request.

The form is https://docs.github.com/actions/reference/workflow-commands-for-github-actions.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType

from skel.findings.model import Finding, Location
from skel.findings.redact import Redacted
from skel.findings.severity import Severity
from skel.report.findings import words
from skel.report.findings.addresses import relative
from skel.report.findings.footer import footer
from skel.report.findings.view import View
from skel.report.terminal import printable

LEVELS = MappingProxyType({Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"})


def github_report(findings: Redacted, view: View) -> Iterator[str]:
    """An annotation a finding and a problem; then the footer, as lines of the log."""
    for finding in findings:
        title = " ".join(word for word in (finding.code, finding.title) if word)
        yield _command(LEVELS[finding.severity], title, _message(finding), finding.location, view)
    for problem in findings.problems:
        level = "error" if problem.is_error else "warning"
        yield _command(level, "not checked" if problem.is_error else "skel", problem.message, problem.location, view)
    for fact in footer(findings):
        for line in fact.lines:
            yield f"{fact.label}: {_plain(line)}\n"


def _message(finding: Finding) -> str:
    named = f"{finding.object}: " if finding.object else ""
    fix = f"\n{words.fix(finding.fix)}" if finding.fix else ""
    where = (
        f"\n{words.place(finding.location)} {finding.location.pointer}" if finding.location.event is not None else ""
    )
    return f"{named}{finding.message}{where}{fix}"


def _command(level: str, title: str, message: str, place: Location, view: View) -> str:
    properties = {
        "file": relative(place.file, view.root) or "",
        "line": place.line,
        "endLine": place.end_line,
        "col": place.column,
        "endColumn": place.end_column,
        "title": title,
    }
    shown = ",".join(f"{key}={_property(str(value))}" for key, value in properties.items() if value not in {None, ""})
    return f"::{level} {shown}::{_data(message)}\n"


def _data(text: str) -> str:
    """`%`, and the ends of lines, as the runner decodes them."""
    lines = "\n".join(_plain(line) for line in text.splitlines())
    return lines.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _plain(line: str) -> str:
    """A line that is no command: the runner obeys `##[` wherever it stands, `::` at the start of a line."""
    return printable(line).replace("##[", "# #[")
