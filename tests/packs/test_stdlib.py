"""Every rule of the standard library: its cases pass, it is formatted, silent, proven, and its code is its own."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest

from skel import resources
from skel.language.diagnostic import Diagnostic
from skel.packs.manifest import FILE
from skel.packs.rule_header import parsed_header, quick_header
from skel.packs.suites import Entry, Suite, pack_suite
from skel.packs.testing import run_suite
from skel.packs.trial import Outcome
from skel.packs.verify import form_problems

LIBRARY = resources.stdlib()
SUITES = tuple(pack_suite(file.parent) for file in sorted(LIBRARY.glob(f"*/{FILE}")))
BY_PACK = {suite.name: suite for suite in SUITES}


@dataclass(frozen=True, slots=True)
class Subject:
    """A rule file of a pack."""

    suite: Suite
    entry: Entry

    def __str__(self) -> str:
        return self.entry.file.relative_to(LIBRARY).with_suffix("").as_posix()


SUBJECTS = [Subject(suite, entry) for suite in SUITES for entry in suite.entries]


def shown(problems: tuple[Diagnostic, ...]) -> str:
    return "\n".join(f"{problem.span}: {problem.message}" for problem in problems)


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_rule(subject: Subject) -> None:
    """Cases pass, with the laws that `skel test` adds: run twice is run once, jsonpatch agrees, any order will do."""
    (result,) = run_suite(Suite(subject.suite.pack, (subject.entry,), ())).rules
    assert not result.problems, shown(result.problems)
    wrong = [f"{seen.case.span}: {seen.why}\n" + "\n".join(seen.detail) for seen in result.verdicts if seen.why]
    assert not wrong, "\n".join(wrong)
    assert {seen.outcome for seen in result.verdicts} == {Outcome.PASSED}
    assert not result.gaps, "\n".join(f"{gap.span}: {gap.message}" for gap in result.gaps)


@pytest.mark.parametrize("subject", SUBJECTS, ids=str)
def test_form(subject: Subject) -> None:
    rule = subject.entry.rule
    assert rule is not None, shown(subject.entry.problems)
    problems = tuple(form_problems(rule))
    assert not problems, shown(problems)
    quick, (whole, _) = quick_header(rule.source), parsed_header(rule.source)
    assert whole is not None
    if quick is not None:
        assert {key: entry.value for key, entry in quick.entries.items()} == {
            key: entry.value for key, entry in whole.entries.items()
        }


@pytest.mark.parametrize("name", BY_PACK)
def test_manifest(name: str) -> None:
    """Nothing is wrong with it, and every rule is listed."""
    suite = BY_PACK[name]
    assert not suite.problems, shown(suite.problems)
    assert suite.pack is not None
    assert suite.pack.folder.name == name
    assert suite.pack.description


def test_codes_and_prefixes_are_used_once() -> None:
    packs = [suite.pack for suite in SUITES if suite.pack is not None]
    codes = Counter(rule.code for pack in packs for rule in pack.rules)
    prefixes = Counter(pack.prefix for pack in packs)
    assert [code for code, number in (codes + prefixes).items() if number > 1] == []
    assert not {"SK", "PK", "L"} & prefixes.keys(), "these belong to the language, to packs and to lint"


def test_a_removal_says_when() -> None:
    rules = [rule for suite in SUITES for rule in (suite.pack.rules if suite.pack is not None else ())]
    assert [rule.id for rule in rules if rule.category == "removal" and not rule.since] == []
