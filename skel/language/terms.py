"""Paths, values and the terms of selectors: the part of the tree that looks at an object."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal as OneOf

from skel.language.text import Span

Scalar = str | int | float | bool | None
Comparator = OneOf["==", "!=", "!==", "<", "<=", ">", ">="]
UNNUMBERED = -1


def span_field() -> Span:
    """The place of a node, left out of equality and of `repr`."""
    return field(compare=False, repr=False)  # type: ignore[no-any-return]


# ---- paths -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Key:
    """`.name`, `."any text"` or `["any text"]`. An unquoted key of digits also means an array index (`.0.` is
    `[0]`).
    """

    name: str
    span: Span = span_field()
    quoted: bool = False


@dataclass(frozen=True, slots=True)
class NamedKey:
    """`[$name]`: a key given by a parameter. Gone after `resolve`."""

    variable: str
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Index:
    """`[3]`, or `[-1]` from the end."""

    value: int
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Each:
    """`[*]`: every item of an array."""

    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class AnyKey:
    """`.*`: every value of a map."""

    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Deep:
    """`**`: this node and everything below it, in document order."""

    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Filter:
    """`[?(test)]`: the items of an array for which the test holds; `@` is the item."""

    test: Term
    span: Span = span_field()


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
    span: Span = span_field()


# ---- values ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Literal:
    """A scalar: string, number, boolean or null."""

    value: Scalar
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Suffixed:
    """A number with a unit, `10m`, `500m`, `2Gi`, `1h30m`: what it means depends on what it is compared with."""

    text: str
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class ListValue:
    items: tuple[Value, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class MapValue:
    entries: tuple[tuple[str, Value], ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Call:
    """`lower(path)`, `quantity(path)`, `image(path).tag` (`field` is "tag")."""

    function: str
    arguments: tuple[Value, ...]
    span: Span = span_field()
    field: str = ""


@dataclass(frozen=True, slots=True)
class TimeValue:
    """`@t`, the time of the event."""

    span: Span = span_field()


Value = Literal | Suffixed | ListValue | MapValue | Call | TimeValue | Path


# ---- terms of a selector ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Everything:
    """`*`, or no selector at all."""

    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Compare:
    left: Value
    operator: Comparator
    right: Value
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Text:
    """`path =~ "regex"`, and the words `startswith`, `endswith`, `contains`."""

    left: Value
    operator: OneOf["=~", "startswith", "endswith", "contains"]
    right: Value
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class In:
    left: Value
    right: Value
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Exists:
    path: Path
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Known:
    """`known("Secret", path)`: the trace has an object of that kind, whose name is at the path."""

    kind: str
    path: Path
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class TimeTest:
    """`@t >= 1709241485` (Unix seconds) or `@t >= 10m` (`relative`: seconds since the first event)."""

    operator: Comparator
    seconds: float
    relative: bool
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class TargetTest:
    """`target("kubernetes") >= 1.25`. The version is kept as written: 1.30 is not 1.3."""

    component: str
    operator: Comparator
    version: str
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Bind:
    """`$x := path | test`: the places of the path that pass the test."""

    variable: VariableRoot
    path: Path
    test: Term | None
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class And:
    terms: tuple[Term, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Or:
    terms: tuple[Term, ...]
    span: Span = span_field()


@dataclass(frozen=True, slots=True)
class Not:
    term: Term
    span: Span = span_field()


Term = Everything | Compare | Text | In | Exists | Known | TimeTest | TargetTest | Bind | And | Or | Not
