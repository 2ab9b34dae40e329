"""Running the cases of suites, and what the cases leave unproven."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace

from skel.language.diagnostic import Diagnostic, Severity, SkelError
from skel.language.text import Span
from skel.packs.cases import Case
from skel.packs.coverage import unmatched_commands
from skel.packs.manifest import Pack, PackRule
from skel.packs.suites import Entry, Suite
from skel.packs.trial import Bench, Outcome, Verdict

Wanted = Callable[[str], bool]
"""Whether a case is to be run, by `pack/rule: name`."""


LONGEST = 80
"""Characters of a command that are shown."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that the cases of a rule do not show."""

    message: str
    span: Span


@dataclass(frozen=True, slots=True)
class RuleResult:
    """What became of the cases of one rule file; `problems` are complaints about the files, `gaps` what is unproven."""

    entry: Entry
    name: str
    verdicts: tuple[Verdict, ...]
    problems: tuple[Diagnostic, ...]
    gaps: tuple[Gap, ...]

    @property
    def is_broken(self) -> bool:
        return any(map(_is_error, self.problems))


@dataclass(frozen=True, slots=True)
class SuiteResult:
    suite: Suite
    rules: tuple[RuleResult, ...]

    @property
    def problems(self) -> tuple[Diagnostic, ...]:
        """Complaints about the manifest and all rules, each once."""
        return tuple(
            dict.fromkeys((*self.suite.problems, *(problem for rule in self.rules for problem in rule.problems)))
        )

    @property
    def counts(self) -> Counter[Outcome]:
        return Counter(verdict.outcome for rule in self.rules for verdict in rule.verdicts)

    @property
    def is_clean(self) -> bool:
        """Whether no case failed or was noisy."""
        return not (self.counts[Outcome.FAILED] or self.counts[Outcome.NOISY])


def run_suite(suite: Suite, wanted: Wanted | None = None) -> SuiteResult:
    """Run the cases of a suite; with `wanted` only some, and rules without such cases are left out."""
    if wanted is not None:
        suite = replace(suite, problems=tuple(filter(_is_error, suite.problems)))
    return SuiteResult(suite, tuple(_results(suite, wanted)))


def exit_code(results: Iterable[SuiteResult]) -> int:
    """2 if something is broken, 1 if a case failed or was noisy, else 0."""
    everything = list(results)
    if any(_is_error(problem) for result in everything for problem in result.problems):
        return 2
    return int(not all(result.is_clean for result in everything))


def _is_error(problem: Diagnostic) -> bool:
    return problem.severity is Severity.ERROR


def _results(suite: Suite, wanted: Wanted | None) -> Iterator[RuleResult]:
    for entry in suite.entries:
        name = f"{suite.name}/{entry.rule.id if entry.rule else entry.file.stem}"
        cases = entry.cases
        if wanted is not None:
            cases = tuple(case for case in cases if wanted(f"{name}: {case.name}"))
            if not cases:
                continue
        yield _run(suite.pack, entry, name, cases, is_whole=wanted is None)


def _run(pack: Pack | None, entry: Entry, name: str, cases: tuple[Case, ...], *, is_whole: bool) -> RuleResult:
    rule = entry.rule
    if rule is None:
        return RuleResult(entry, name, (), entry.problems, ())
    bench = bench_for(rule, pack)
    try:
        program = bench.program()
    except SkelError as error:
        if not any(case.parameters or case.expected.error for case in cases):
            return RuleResult(entry, name, (), (*entry.problems, *error.diagnostics), ())
        warnings: tuple[Diagnostic, ...] = ()
    else:
        warnings = program.warnings
    verdicts = tuple(map(bench.verdict, cases))
    gaps: tuple[Gap, ...] = ()
    if is_whole and not any(map(_is_error, entry.problems)):
        gaps = (*_case_gaps(rule, cases), *map(_unmet, unmatched_commands(bench, cases)))
    return RuleResult(entry, name, verdicts, (*entry.problems, *warnings), gaps)


def bench_for(rule: PackRule, pack: Pack | None) -> Bench:
    """The bench of a rule: its cases are tried in the release in which it begins, or in the newest of the pack."""
    component = pack.component if pack is not None else ""
    return Bench(rule, component, rule.since or (pack.newest if pack is not None else ""))


def _case_gaps(rule: PackRule, cases: tuple[Case, ...]) -> Iterator[Gap]:
    start = Span(rule.source, 0, 0)
    if not cases:
        yield Gap("no cases", start)
        return
    if all(case.is_quiet for case in cases):
        yield Gap("no case in which it does something", start)
    if not any(case.is_quiet for case in cases):
        yield Gap("no `unchanged` case", start)


def _unmet(command: Span) -> Gap:
    text = " ".join(command.text.split())
    return Gap(f"no case reaches `{text if len(text) <= LONGEST else f'{text[:LONGEST]} ...'}`", command)
