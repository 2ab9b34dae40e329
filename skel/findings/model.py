"""What `check`, `lint` and `trace validate` return, and what every report shows: one model for all of them.

A finding is a rule that matched; its fix is the patch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from skel.findings.severity import Safety, Severity
from skel.patch.operations import Operation


@dataclass(frozen=True, slots=True, order=True)
class FoundObject:
    """Whom a finding is about. Empty text for what the object does not have."""

    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(word for word in (self.kind, self.namespace, self.name) if word)


@dataclass(frozen=True, slots=True)
class Location:
    """Where to look: a file with line and column from 1, or an event of a trace from 0; `pointer` is the field in the
    object (RFC 6901), empty for the whole of it.
    """

    file: str = ""
    line: int | None = None
    column: int | None = None
    end_line: int | None = None
    event: int | None = None
    pointer: str = ""
    end_column: int | None = None

    def __str__(self) -> str:
        if self.event is not None:
            return f"{self.file} event {self.event}".strip()
        return ":".join(str(part) for part in (self.file, self.line, self.column) if part not in {None, ""})


@dataclass(frozen=True, slots=True)
class Evidence:
    """What says so, and as of when. `kind`: `object` (as recorded or written), `managed-fields`, `last-applied` or
    `helm`.

    `time` is Unix seconds. Stale evidence is contradicted by newer evidence; `clear` says how to get rid of it.
    """

    kind: str
    detail: str
    time: float | None = None
    manager: str = ""
    stale: bool = False
    clear: str = ""


@dataclass(frozen=True, slots=True)
class TextEdit:
    """Replace a stretch of a file: half-open offsets in characters."""

    file: str
    start: int
    end: int
    replacement: str


@dataclass(frozen=True, slots=True)
class Fix:
    """How to repair it: operations on the object (RFC 6902), or edits of a text."""

    title: str
    safety: Safety = Safety.SAFE
    operations: tuple[Operation, ...] = ()
    edits: tuple[TextEdit, ...] = ()


@dataclass(frozen=True, slots=True)
class Finding:
    """One finding. `code` is stable and has a page; `rule` is `pack/rule`, or the name of a lint.

    `hop` is the release in which it begins to matter ("1.25"), empty where there is none; `times` is how often the same
    was seen (in a trace: in how many events).
    """

    code: str
    rule: str
    severity: Severity
    message: str
    location: Location
    object: FoundObject | None = None
    title: str = ""
    hop: str = ""
    category: str = ""
    help: str = ""
    url: str = ""
    evidence: tuple[Evidence, ...] = ()
    fix: Fix | None = None
    times: int = 1
    labels: tuple[tuple[str, str], ...] = ()

    @property
    def is_stale(self) -> bool:
        """Whether everything that speaks for it is contradicted by something newer."""
        return bool(self.evidence) and all(evidence.stale for evidence in self.evidence)


@dataclass(frozen=True, slots=True)
class NotChecked:
    """Objects that no rule knows, never silently dropped."""

    what: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """Input that could not be used; the rest was checked, and the run counts as partial if `is_error`."""

    location: Location
    message: str
    is_error: bool = True


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A finding that an ignore or the baseline covers, with the reason given there."""

    finding: Finding
    reason: str
    by: str


@dataclass(frozen=True, slots=True)
class Scanned:
    """What was looked at."""

    inputs: tuple[str, ...] = ()
    files: int = 0
    objects: int = 0
    events: int = 0
    rules: int = 0


@dataclass(frozen=True, slots=True)
class Part:
    """One of many inputs that a run looked at, for a table of them: `error` says why nothing is known of it, `note`
    what else is to be said. `seconds` is what it took.
    """

    name: str
    objects: int = 0
    events: int = 0
    seconds: float = 0.0
    error: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that a run has to say. Iterating gives the findings that count, in the order of the report."""

    findings: tuple[Finding, ...]
    tool: str = "check"
    scanned: Scanned = field(default_factory=Scanned)
    source: str = ""
    target: str = ""
    data: str = ""
    not_checked: tuple[NotChecked, ...] = ()
    problems: tuple[Problem, ...] = ()
    suppressed: tuple[Suppressed, ...] = ()
    unused: tuple[str, ...] = ()
    parts: tuple[Part, ...] = ()

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    @property
    def is_partial(self) -> bool:
        """Whether some input could not be read, so that what is missing here says nothing."""
        return any(problem.is_error for problem in self.problems)

    def count(self, severity: Severity) -> int:
        return sum(finding.severity is severity for finding in self.findings)
