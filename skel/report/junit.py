"""Test suites and cases as XML, for the page of tests of a CI service.

The form fits both published schemas, that of Apache Ant (windyroad/JUnit-Schema) and that of Jenkins (junit-10.xsd).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.etree import ElementTree as ET

from skel.report.terminal import printable


@dataclass(frozen=True, slots=True)
class Case:
    """`outcome` is failure, error, skipped, or empty for a case that passes."""

    name: str
    classname: str
    outcome: str = ""
    message: str = ""
    type: str = ""
    text: str = ""


@dataclass(frozen=True, slots=True)
class Suite:
    """Cases of one kind; `said` is the output of them all."""

    package: str
    name: str
    cases: tuple[Case, ...]
    said: str = ""


def junit_text(suites: Sequence[Suite], made: datetime) -> str:
    """The document."""
    root = ET.Element("testsuites")
    for suite in suites:
        _add_suite(root, suite, made)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _add_suite(root: ET.Element, suite: Suite, made: datetime) -> None:
    element = ET.SubElement(root, "testsuite", package=_line(suite.package), id=str(len(root)), name=_line(suite.name))
    element.set("timestamp", made.strftime("%Y-%m-%dT%H:%M:%S"))
    element.set("hostname", "localhost")
    element.set("tests", str(len(suite.cases)))
    for attribute, outcome in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        element.set(attribute, str(sum(case.outcome == outcome for case in suite.cases)))
    element.set("time", "0.000")
    ET.SubElement(element, "properties")
    for case in suite.cases:
        _add_case(element, case)
    ET.SubElement(element, "system-out").text = _lines(suite.said)
    ET.SubElement(element, "system-err")


def _add_case(suite: ET.Element, case: Case) -> None:
    element = ET.SubElement(suite, "testcase", name=_line(case.name), classname=_line(case.classname), time="0.000")
    if case.outcome:
        inner = ET.SubElement(element, case.outcome, message=_line(case.message))
        if case.type:
            inner.set("type", _line(case.type))
        inner.text = _lines(case.text)


def _line(text: str) -> str:
    """XML 1.0 has no way to write most control characters, not even escaped."""
    return printable(" ".join(text.split())) or "-"


def _lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.splitlines())
