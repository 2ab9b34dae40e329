"""What a run counts: by rule, by reason, and what became of whom. Tallies of parts of a trace add up."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from skel.compiler.header import Header

Name = tuple[str | None, str | None, str | None, str | None]
"""apiVersion, kind, namespace and name as the object has them: cheaper to make than an identity, and made for every
object.
"""


@dataclass(frozen=True, slots=True, order=True)
class Seen:
    """Where an object stands: number of the event, deleted or applied, number in that list; all from 0."""

    event: int
    deleted: bool
    position: int


@dataclass(frozen=True, slots=True, order=True)
class Hit:
    """A `require` or `deny` that spoke up."""

    seen: Seen
    rule: int
    message: str
    name: Name | None = field(compare=False)


@dataclass(slots=True)
class Tally:
    """Counts of objects, each at most once a rule.

    `runs` counts the objects of each header that had any step, for the rules that hold for all of them; `headers` those
    that are left after the run. `hashes`, `moved` and `lost` feed what the trace keeps by name: every applied object
    that was looked at, with the hash of its last spec if a rule changed it; old name -> new ones; names that lost an
    object; names of which an applied object was looked at and kept.
    """

    objects: int = 0
    decoded: int = 0
    changed: int = 0
    deleted: int = 0
    skipped: int = 0
    matched_by_rule: Counter[int] = field(default_factory=Counter)
    changed_by_rule: Counter[int] = field(default_factory=Counter)
    skips: Counter[tuple[int, str]] = field(default_factory=Counter)
    hits: list[Hit] = field(default_factory=list)
    hashes: dict[Name, int | None] = field(default_factory=dict)
    moved: dict[Name, dict[Name, None]] = field(default_factory=dict)
    lost: set[Name] = field(default_factory=set)
    kept: set[Name] = field(default_factory=set)
    headers: Counter[Header] = field(default_factory=Counter)
    runs: Counter[Header] = field(default_factory=Counter)

    def add(self, later: Tally) -> None:
        """Add the tally of a later part of the trace. What the later part saw of an object is what counts."""
        self.objects += later.objects
        self.decoded += later.decoded
        self.changed += later.changed
        self.deleted += later.deleted
        self.skipped += later.skipped
        self.matched_by_rule += later.matched_by_rule
        self.changed_by_rule += later.changed_by_rule
        self.skips += later.skips
        self.hits += later.hits
        self.hashes |= later.hashes
        for old, names in later.moved.items():
            self.moved.setdefault(old, {}).update(names)
        self.lost |= later.lost
        self.kept |= later.kept
        self.headers += later.headers
        self.runs += later.runs
