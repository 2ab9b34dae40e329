"""Findings as test cases: a suite a rule, a case an object.

The form fits both published schemas, that of Apache Ant (windyroad/JUnit-Schema) and that of Jenkins (junit-10.xsd).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from skel.findings.exit import counts
from skel.findings.model import Finding, Problem
from skel.findings.redact import Redacted
from skel.report.findings import words
from skel.report.findings.footer import footer, problem
from skel.report.findings.grouping import by_hop
from skel.report.findings.view import View
from skel.report.terminal import printable


@dataclass(frozen=True, slots=True)
class _Case:
    """`outcome` is failure, error, skipped, or empty for a case that passes."""

    name: str
    classname: str
    outcome: str = ""
    message: str = ""
    type: str = ""
    text: str = ""


def junit_report(findings: Redacted, view: View) -> Iterator[str]:
    """What makes the run fail is a failure, what could not be read an error, what is suppressed is skipped; all else
    passes, and its text is in the output of its suite.
    """
    tool = f"skel.{findings.tool.replace(' ', '-')}"
    root = ET.Element("testsuites")
    read = [_unread(tool, found) for found in findings.problems if found.is_error] or [_Case("input was read", tool)]
    said = "\n".join(f"{fact.label}: {line}" for fact in footer(findings) for line in fact.lines)
    _suite(root, view, (tool, words.title(findings)), read, said)
    for hop in by_hop(findings):
        for group in hop.groups:
            cases = [_case(finding, view) for finding in group.findings]
            passed = [_text(finding) for finding in group.findings if not counts(finding, view.fail_on)]
            _suite(root, view, (tool, f"{group.first.code} {group.first.rule}"), cases, "\n\n".join(passed))
    if findings.suppressed:
        skipped = [_skipped(entry.finding, f"{entry.reason} ({entry.by})") for entry in findings.suppressed]
        _suite(root, view, (tool, "suppressed"), skipped)
    ET.indent(root)
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _suite(root: ET.Element, view: View, name: tuple[str, str], cases: list[_Case], said: str = "") -> None:
    package, title = name
    suite = ET.SubElement(root, "testsuite", package=_line(package), id=str(len(root)), name=_line(title))
    suite.set("timestamp", view.made.strftime("%Y-%m-%dT%H:%M:%S"))
    suite.set("hostname", "localhost")
    suite.set("tests", str(len(cases)))
    for attribute, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(attribute, str(sum(case.outcome == outcome for case in cases)))
    suite.set("time", "0.000")
    ET.SubElement(suite, "properties")
    for case in cases:
        _add(suite, case)
    ET.SubElement(suite, "system-out").text = _lines(said)
    ET.SubElement(suite, "system-err")


def _add(suite: ET.Element, case: _Case) -> None:
    element = ET.SubElement(suite, "testcase", name=_line(case.name), classname=_line(case.classname), time="0.000")
    if case.outcome:
        inner = ET.SubElement(element, case.outcome, message=_line(case.message))
        if case.type:
            inner.set("type", _line(case.type))
        inner.text = _lines(case.text)


def _case(finding: Finding, view: View) -> _Case:
    if not counts(finding, view.fail_on):
        return _Case(_name(finding), finding.rule)
    return _Case(_name(finding), finding.rule, "failure", finding.message, finding.code, _text(finding))


def _skipped(finding: Finding, reason: str) -> _Case:
    return _Case(_name(finding), finding.rule, "skipped", reason)


def _unread(tool: str, found: Problem) -> _Case:
    return _Case(str(found.location) or "input was read", tool, "error", found.message, "not-checked", problem(found))


def _name(finding: Finding) -> str:
    """The object and where in it, which tells cases of a suite apart."""
    where = words.place(finding.location)
    return " ".join(word for word in (str(finding.object or ""), where, finding.location.pointer) if word)


def _text(finding: Finding) -> str:
    """Everything that is known of a finding, for the page of a failed case."""
    fix = finding.fix
    lines = [
        f"{finding.severity}: {finding.title or finding.message}",
        finding.message if finding.title not in {"", finding.message} else "",
        finding.help,
        f"object: {finding.object}" if finding.object else "",
        f"place: {words.place(finding.location)} {finding.location.pointer}",
        f"release: {finding.hop}" if finding.hop else "",
        *(f"{'stale' if entry.stale else 'seen'}: {words.evidence(entry)}" for entry in finding.evidence),
        f"fix: {words.fix(fix)}" if fix else "",
        *(f"  {line}" for line in (words.operations(fix) if fix else ())),
        finding.url,
    ]
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _line(text: str) -> str:
    """XML 1.0 has no way to write most control characters, not even escaped."""
    return printable(" ".join(text.split())) or "-"


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())
