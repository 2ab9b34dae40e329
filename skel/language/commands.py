"""Commands and the statements of a file: the part of the tree that acts."""

from __future__ import annotations

from dataclasses import dataclass

from skel.language.terms import MapValue, Path, Term, Value, span_field
from skel.language.text import Span

# ---- commands: what is done to an object -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delete:
    """`delete(selector)`: the object leaves its event."""

    selector: Term
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Remove:
    selector: Term
    path: Path
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Modify:
    """`modify(path = value)`; `only_absent` for `default(path = value)`, which writes where nothing is."""

    selector: Term
    path: Path
    value: Value
    span: Span = span_field()
    only_absent: bool = False


@dataclass(frozen=True, slots=True)
class Append:
    """`append(path, value)`: adds to an array, which is created if it is absent."""

    selector: Term
    path: Path
    value: Value
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Merge:
    """`merge(path, {...})`: JSON Merge Patch (RFC 7386) of the map; null removes."""

    selector: Term
    path: Path
    value: Value
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Rename:
    """`rename(path, "key")`: the last key of the path gets another name."""

    selector: Term
    path: Path
    name: Value
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Transfer:
    """`move(from, to)`, or `copy(from, to)` if `keep`."""

    selector: Term
    source: Path
    target: Path
    keep: bool
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Replace:
    """`replace(path, "regex", "text $1")`: rewrites the strings at the path. Both are string literals after
    `resolve`.
    """

    selector: Term
    path: Path
    pattern: Value
    replacement: Value
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Rekey:
    """`rekey(path, "old", "new")`: a key of the map at the path gets another name. String literals after `resolve`."""

    selector: Term
    path: Path
    old: Value
    new: Value
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class When:
    """`when selector { commands }`: the selector is tested once, on entry."""

    selector: Term
    commands: tuple[Command, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Require:
    """`require(selector, condition, "message")`: a finding for each selected object where the condition fails."""

    selector: Term
    condition: Term
    message: str
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Deny:
    """`deny(selector, "message")`: a finding for each selected object."""

    selector: Term
    message: str
    span: Span = span_field()


# ---- commands: what is done to the trace -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Insert:
    """`insert(10m, {...})`: one more applied object; the event is made if there is none at that second."""

    seconds: float
    relative: bool
    object: MapValue
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Drop:
    """`drop(@t >= 10m)`: whole events leave the trace, markers too."""

    selector: Term
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Shift:
    """`shift(10m)`: every time moves by so many seconds."""

    seconds: float
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Scale:
    """`scale(2.0)`: every time since the first event is multiplied."""

    factor: float
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Clone:
    """`clone(selector, 10)`: ten more of each selected object, `-1` to `-10` behind their names."""

    selector: Term
    count: Value
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Use:
    """A call of a `define`. Gone after `resolve`."""

    name: str
    arguments: tuple[Value, ...]
    span: Span = span_field()


ObjectCommand = Delete | Remove | Modify | Append | Merge | Rename | Transfer | Replace | Rekey | Require | Deny
TraceCommand = Insert | Drop | Shift | Scale | Clone
Command = ObjectCommand | TraceCommand | When | Use


# ---- the file --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Metadata:
    """One `title "..."`, `since "1.25"` of a rule."""

    key: str
    value: str
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Rule:
    """`rule "id" { ... }`."""

    id: str
    metadata: tuple[Metadata, ...]
    commands: tuple[Command, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Define:
    """`define name($a, $b) { ... }`."""

    name: str
    parameters: tuple[str, ...]
    commands: tuple[Command, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Import:
    """`import "kubernetes/labels";`: the definitions and parameters of another file."""

    path: str
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Param:
    """`param $registry = "registry.k8s.io";`, set from outside by name."""

    name: str
    default: Value | None
    span: Span = span_field()


Statement = Rule | Define | Import | Param | Command


@dataclass(frozen=True, slots=True)
class Module:
    statements: tuple[Statement, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class ResolvedRule:
    """A rule ready to plan. A bare command is a rule of its own, named after its place: `upgrade.skel:4`."""

    id: str
    metadata: tuple[Metadata, ...]
    commands: tuple[Command, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class ResolvedModule:
    """No `Use`, no `NamedKey`, no parameter is left, and every variable has a slot below `slots`."""

    rules: tuple[ResolvedRule, ...]
    slots: int
    span: Span = span_field()
