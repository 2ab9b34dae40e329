"""The tree of a program: one frozen class a form; what cannot be is not representable.

`Module` is the file as written. `resolve` turns it into a `ResolvedModule`: imports read, definitions expanded, parameters
replaced by their values, variables numbered. Spans take no part in equality, so two texts of one meaning have equal trees.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf

from skel.language.text import Span

Scalar = str | int | float | bool | None
Comparator = OneOf["==", "!=", "!==", "<", "<=", ">", ">="]
UNNUMBERED = -1


def _span() -> Span:
    """The place of a node, left out of equality and of `repr`."""
    return field(compare=False, repr=False)  # type: ignore[no-any-return]


# ---- paths -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """`.name`, `."any text"` or `["any text"]`. An unquoted key of digits also means an array index (`.0.` is `[0]`)."""

    name: str
    span: Span = _span()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class NamedKey:
    """`[$name]`: a key given by a parameter. Gone after `resolve`."""

    variable: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Index:
    """`[3]`, or `[-1]` from the end."""

    value: int
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Each:
    """`[*]`: every item of an array."""

    span: Span = _span()


@dataclass(frozen=True, slots=True)
class AnyKey:
    """`.*`: every value of a map."""

    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Deep:
    """`**`: this node and everything below it, in document order."""

    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(test)]`: the items of an array for which the test holds; `@` is the item."""

    test: Term
    span: Span = _span()


Step = Key | NamedKey | Index | Each | AnyKey | Deep | Filter


@dataclass(frozen=True, slots=True)
class ObjectRoot:
    """The object itself: `spec.replicas` starts here."""


@dataclass(frozen=True, slots=True)
class ItemRoot:
    """`@`: the item under test in the innermost filter."""


@dataclass(frozen=True, slots=True)
class PodRoot:
    """`podSpec`, or `podTemplate` if `template`: where pods are described, whatever the workload kind."""

    template: bool


@dataclass(frozen=True, slots=True)
class VariableRoot:
    """`$x`: the places bound to a variable. `slot` is given by `resolve`."""

    name: str
    slot: int = UNNUMBERED


Root = ObjectRoot | ItemRoot | PodRoot | VariableRoot


@dataclass(frozen=True, slots=True)
class Path:
    root: Root
    steps: tuple[Step, ...]
    span: Span = _span()


# ---- values ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A scalar: string, number, boolean or null."""

    value: Scalar
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Suffixed:
    """A number with a unit, `10m`, `500m`, `2Gi`, `1h30m`: what it means depends on what it is compared with."""

    text: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ListValue:
    items: tuple[Value, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class MapValue:
    entries: tuple[tuple[str, Value], ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Call:
    """`lower(path)`, `quantity(path)`, `image(path).tag` (`field` is "tag")."""

    function: str
    arguments: tuple[Value, ...]
    span: Span = _span()
    field: str = ""


@dataclass(frozen=True, slots=True)
class TimeValue:
    """`@t`, the time of the event."""

    span: Span = _span()


Value = Literal | Suffixed | ListValue | MapValue | Call | TimeValue | Path


# ---- terms of a selector ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Everything:
    """`*`, or no selector at all."""

    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Compare:
    left: Value
    operator: Comparator
    right: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Text:
    """`path =~ "regex"`, and the words `startswith`, `endswith`, `contains`."""

    left: Value
    operator: OneOf["=~", "startswith", "endswith", "contains"]
    right: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class In:
    left: Value
    right: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Exists:
    path: Path
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class TimeTest:
    """`@t >= 1709241485` (Unix seconds) or `@t >= 10m` (`relative`: seconds since the first event)."""

    operator: Comparator
    seconds: float
    relative: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class TargetTest:
    """`target("kubernetes") >= 1.25`. The version is kept as written: 1.30 is not 1.3."""

    component: str
    operator: Comparator
    version: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Bind:
    """`$x := path | test`: the places of the path that pass the test."""

    variable: VariableRoot
    path: Path
    test: Term | None
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class And:
    terms: tuple[Term, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Or:
    terms: tuple[Term, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Not:
    term: Term
    span: Span = _span()


Term = Everything | Compare | Text | In | Exists | TimeTest | TargetTest | Bind | And | Or | Not


# ---- commands: what is done to an object -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Delete:
    """`delete(selector)`: the object leaves its event."""

    selector: Term
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Remove:
    selector: Term
    path: Path
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Modify:
    """`modify(path = value)`; `only_absent` for `default(path = value)`, which writes where nothing is."""

    selector: Term
    path: Path
    value: Value
    span: Span = _span()
    only_absent: bool = False


@dataclass(frozen=True, slots=True)
class Append:
    """`append(path, value)`: adds to an array, which is created if it is absent."""

    selector: Term
    path: Path
    value: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Merge:
    """`merge(path, {...})`: JSON Merge Patch (RFC 7386) of the map; null removes."""

    selector: Term
    path: Path
    value: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Rename:
    """`rename(path, "key")`: the last key of the path gets another name."""

    selector: Term
    path: Path
    name: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Transfer:
    """`move(from, to)`, or `copy(from, to)` if `keep`."""

    selector: Term
    source: Path
    target: Path
    keep: bool
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Replace:
    """`replace(path, "regex", "text $1")`: rewrites the strings at the path. Both are string literals after `resolve`."""

    selector: Term
    path: Path
    pattern: Value
    replacement: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Rekey:
    """`rekey(path, "old", "new")`: a key of the map at the path gets another name. String literals after `resolve`."""

    selector: Term
    path: Path
    old: Value
    new: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class When:
    """`when selector { commands }`: the selector is tested once, on entry."""

    selector: Term
    commands: tuple[Command, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Require:
    """`require(selector, condition, "message")`: a finding for each selected object where the condition fails."""

    selector: Term
    condition: Term
    message: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Deny:
    """`deny(selector, "message")`: a finding for each selected object."""

    selector: Term
    message: str
    span: Span = _span()


# ---- commands: what is done to the trace -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Insert:
    """`insert(10m, {...})`: one more applied object; the event is made if there is none at that second."""

    seconds: float
    relative: bool
    object: MapValue
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Drop:
    """`drop(@t >= 10m)`: whole events leave the trace, markers too."""

    selector: Term
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Shift:
    """`shift(10m)`: every time moves by so many seconds."""

    seconds: float
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Scale:
    """`scale(2.0)`: every time since the first event is multiplied."""

    factor: float
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Clone:
    """`clone(selector, 10)`: ten more of each selected object, `-1` to `-10` behind their names."""

    selector: Term
    count: Value
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Use:
    """A call of a `define`. Gone after `resolve`."""

    name: str
    arguments: tuple[Value, ...]
    span: Span = _span()


ObjectCommand = Delete | Remove | Modify | Append | Merge | Rename | Transfer | Replace | Rekey | Require | Deny
TraceCommand = Insert | Drop | Shift | Scale | Clone
Command = ObjectCommand | TraceCommand | When | Use


# ---- the file --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Metadata:
    """One `title "..."`, `since "1.25"` of a rule."""

    key: str
    value: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Rule:
    """`rule "id" { ... }`."""

    id: str
    metadata: tuple[Metadata, ...]
    commands: tuple[Command, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Define:
    """`define name($a, $b) { ... }`."""

    name: str
    parameters: tuple[str, ...]
    commands: tuple[Command, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Import:
    """`import "kubernetes/labels";`: the definitions and parameters of another file."""

    path: str
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class Param:
    """`param $registry = "registry.k8s.io";`, set from outside by name."""

    name: str
    default: Value | None
    span: Span = _span()


Statement = Rule | Define | Import | Param | Command


@dataclass(frozen=True, slots=True)
class Module:
    statements: tuple[Statement, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ResolvedRule:
    """A rule ready to plan. A bare command is a rule of its own, named after its place: `upgrade.skel:4`."""

    id: str
    metadata: tuple[Metadata, ...]
    commands: tuple[Command, ...]
    span: Span = _span()


@dataclass(frozen=True, slots=True)
class ResolvedModule:
    """No `Use`, no `NamedKey`, no parameter is left, and every variable has a slot below `slots`."""

    rules: tuple[ResolvedRule, ...]
    slots: int
    span: Span = _span()
