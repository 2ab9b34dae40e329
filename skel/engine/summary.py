"""The account of a run: by rule, how many objects it matched, changed and skipped, and why."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from skel.compiler.program import BoundPhase
from skel.engine.tally import Hit, Tally
from skel.language import ast


@dataclass(frozen=True, slots=True)
class Finding:
    """What a `require` or `deny` said of an object."""

    rule: str
    message: str
    event: int
    object: str
    severity: str = "warning"


@dataclass(slots=True)
class RuleSummary:
    """Objects that the selector matched, that the rule changed, and skips by reason."""

    id: str
    title: str = ""
    matched: int = 0
    changed: int = 0
    skips: Counter[str] = field(default_factory=Counter)

    @property
    def skipped(self) -> int:
        return sum(self.skips.values())


@dataclass(slots=True)
class Summary:
    """Counts of objects in the whole run. `came` and `went` are objects that commands on the trace made or dropped."""

    rules: list[RuleSummary]
    events: int = 0
    objects: int = 0
    changed: int = 0
    deleted: int = 0
    skipped: int = 0
    came: int = 0
    went: int = 0
    retimed: bool = False
    findings: list[Finding] = field(default_factory=list)

    @classmethod
    def of(cls, rules: tuple[ast.ResolvedRule, ...]) -> Summary:
        return cls([RuleSummary(rule.id, metadata(rule).get("title", "")) for rule in rules])

    @property
    def has_changes(self) -> bool:
        return bool(self.changed or self.deleted or self.came or self.went or self.retimed)

    def add(self, tally: Tally, phase: BoundPhase, rules: tuple[ast.ResolvedRule, ...]) -> None:
        """Add what was counted in one phase."""
        self.objects = max(self.objects, tally.objects)
        self.changed += tally.changed
        self.deleted += tally.deleted
        self.skipped += tally.skipped
        for number, count in matched_by_rule(tally, phase).items():
            self.rules[number].matched += count
        for number, count in tally.changed_by_rule.items():
            self.rules[number].changed += count
        for (number, reason), count in tally.skips.items():
            self.rules[number].skips[reason] += count
        self.findings += [_finding(hit, rules[hit.rule]) for hit in sorted(tally.hits)]


def matched_by_rule(tally: Tally, phase: BoundPhase) -> Counter[int]:
    """Matches counted one by one, and for each header those of the rules that hold for all its objects."""
    counts = Counter(tally.matched_by_rule)
    for header, runs in tally.runs.items():
        for rule in phase.bucket(header).certain:
            counts[rule] += runs
    return counts


def metadata(rule: ast.ResolvedRule) -> dict[str, str]:
    return {entry.key: entry.value for entry in rule.metadata}


def _finding(hit: Hit, rule: ast.ResolvedRule) -> Finding:
    severity = metadata(rule).get("severity", "warning")
    name = "/".join(word for word in hit.name[1:] if word) if hit.name else "an object without a name"
    return Finding(rule.id, hit.message, hit.seen.event, name, severity)
