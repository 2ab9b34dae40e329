"""What `skel test` shows: for people, as JSON, as JUnit."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from xml.etree import ElementTree as ET

from skel.language.diagnostic import Diagnostic, Severity
from skel.language.render import render
from skel.packs.testing import RuleResult, SuiteResult
from skel.packs.trial import Outcome, Verdict
from skel.report.terminal import Paint, printable

SCHEMA_VERSION = 1
_STYLES = {Outcome.PASSED: "green", Outcome.FAILED: "red", Outcome.NOISY: "yellow"}


def result_lines(
    results: Sequence[SuiteResult],
    seconds: float,
    paint: Paint,
    *,
    is_verbose: bool = False,
    problems: Sequence[Diagnostic] | None = None,
) -> Iterator[str]:
    """A line for each rule, below it what went wrong; then complaints, and the sums.

    `problems` are the complaints to show; if not given, those about the files, and what the cases do not prove.
    """
    for result in results:
        yield from _suite_lines(result, paint, is_verbose)
    complaints = problems
    if complaints is None:
        complaints = list(dict.fromkeys(problem for result in results for problem in result.problems))
    if complaints:
        yield from render(complaints, color=paint.color).splitlines()
        yield ""
    if problems is None:
        yield from _gap_lines([rule for result in results for rule in result.rules], paint)
    counts = _sum(results)
    sums = ", ".join(
        paint(f"{outcome} {counts[outcome]}", *([_STYLES[outcome], "bold"] if counts[outcome] else []))
        for outcome in Outcome
    )
    rules = sum(len(result.rules) for result in results)
    yield f"{sums}  ({_count(rules, 'rule')}, {seconds:.2f} s)"


def _suite_lines(result: SuiteResult, paint: Paint, is_verbose: bool) -> Iterator[str]:
    yield paint(result.suite.name, "bold")
    width = max((len(rule.name) for rule in result.rules), default=0)
    for rule in result.rules:
        yield f"  {_mark(rule, paint)}  {rule.name:<{width}}  {_count(len(rule.verdicts), 'case')}"
        for verdict in rule.verdicts:
            if verdict.outcome is not Outcome.PASSED or is_verbose:
                yield from _verdict_lines(verdict, paint)
    yield ""


def _mark(rule: RuleResult, paint: Paint) -> str:
    """The worst that became of a rule, in a word of six letters."""
    if rule.is_broken:
        return paint("broken", "red", "bold")
    outcomes = {verdict.outcome for verdict in rule.verdicts}
    for outcome in (Outcome.FAILED, Outcome.NOISY):
        if outcome in outcomes:
            return paint(f"{outcome:<6}", _STYLES[outcome], "bold")
    return paint("passed", "green") if outcomes else paint("none  ", "yellow")


def _verdict_lines(verdict: Verdict, paint: Paint) -> Iterator[str]:
    why = f": {verdict.why}" if verdict.why else ""
    head = paint(verdict.outcome, _STYLES[verdict.outcome])
    yield f"      {head}  {printable(verdict.case.name)}{printable(why)}"
    if verdict.outcome is Outcome.PASSED:
        return
    yield paint(f"        {verdict.case.span}", "dim")
    for line in verdict.detail:
        style = {"+": "green", "-": "red", "@": "dim"}.get(line[:1])
        yield "        " + (paint(printable(line), style) if style else printable(line))


def _gap_lines(rules: list[RuleResult], paint: Paint) -> Iterator[str]:
    """What the cases leave unproven, and where."""
    gaps = [gap for rule in rules for gap in rule.gaps]
    if gaps:
        yield paint("not proven", "bold")
        yield from (f"  {gap.span}: {printable(gap.message)}" for gap in gaps)
        yield ""


def _sum(results: Sequence[SuiteResult]) -> Counter[Outcome]:
    return sum((result.counts for result in results), Counter[Outcome]())


def _count(number: int, word: str) -> str:
    return f"{number} {word}{'' if number == 1 else 's'}"


# ---- for machines ----------------------------------------------------------------------------------------------------


def result_json(results: Sequence[SuiteResult], seconds: float) -> str:
    """The same as data."""
    counts = _sum(results)
    document = {
        "schemaVersion": SCHEMA_VERSION,
        "summary": {outcome.value: counts[outcome] for outcome in Outcome} | {"seconds": round(seconds, 3)},
        "rules": [_rule_json(result, rule) for result in results for rule in result.rules],
        "problems": [
            {"code": found.code, "severity": found.severity, "message": found.message, "at": str(found.span)}
            for result in results
            for found in result.problems
        ],
    }
    return f"{json.dumps(document, indent=2)}\n"


def _rule_json(result: SuiteResult, rule: RuleResult) -> dict[str, object]:
    return {
        "pack": result.suite.pack.name if result.suite.pack is not None else None,
        "rule": rule.name,
        "file": str(rule.entry.file),
        "broken": rule.is_broken,
        "cases": [_verdict_json(verdict) for verdict in rule.verdicts],
        "gaps": [{"message": gap.message, "at": str(gap.span)} for gap in rule.gaps],
    }


def _verdict_json(verdict: Verdict) -> dict[str, object]:
    return {
        "name": verdict.case.name,
        "at": str(verdict.case.span),
        "outcome": verdict.outcome,
        "why": verdict.why,
        "detail": list(verdict.detail),
    }


def junit(results: Sequence[SuiteResult], seconds: float) -> str:
    """A test suite a pack, a test case a case; broken files are errors."""
    root = ET.Element("testsuites", name="skel test", time=f"{seconds:.3f}")
    for result in results:
        counts = result.counts
        problems = [problem for problem in result.problems if problem.severity is Severity.ERROR]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=result.suite.name,
            tests=str(sum(counts.values()) + len(problems)),
            failures=str(counts[Outcome.FAILED] + counts[Outcome.NOISY]),
            errors=str(len(problems)),
        )
        for problem in problems:
            case = ET.SubElement(suite, "testcase", classname=result.suite.name, name=str(problem.span))
            ET.SubElement(case, "error", message=_xml(problem.message), type=problem.code)
        for rule in result.rules:
            for verdict in rule.verdicts:
                _junit_case(suite, rule, verdict)
    ET.indent(root)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{ET.tostring(root, encoding="unicode")}\n'


def _junit_case(suite: ET.Element, rule: RuleResult, verdict: Verdict) -> None:
    case = ET.SubElement(suite, "testcase", classname=rule.name, name=_xml(verdict.case.name))
    if verdict.outcome is not Outcome.PASSED:
        failure = ET.SubElement(case, "failure", message=_xml(verdict.why), type=verdict.outcome)
        failure.text = _xml("\n".join((str(verdict.case.span), *verdict.detail)))


def _xml(text: str) -> str:
    """Without the characters that XML has no form for."""
    return "".join(char if char >= " " or char in "\n\t" else "\N{REPLACEMENT CHARACTER}" for char in text)
