"""What one condition claims of one value, and which two claims can't both hold."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from operator import eq, ge, gt, le, lt, ne
from types import MappingProxyType
from typing import Any
from typing import Literal as OneOf

from skel.kube.duration import parse_duration
from skel.kube.quantity import parse_quantity
from skel.kube.version import version_key
from skel.language import ast
from skel.language.visit import value_paths
from skel.lint.canonical import is_one_place
from skel.lint.regex import compiled_regex, matches
from skel.patch.values import Json, equal_json

Order = OneOf["<", "<=", ">", ">="]
_HOLDS: MappingProxyType[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {"<": lt, "<=": le, ">": gt, ">=": ge, "==": eq, "!=": ne, "!==": ne}
)
_MIRRORED: MappingProxyType[str, ast.Comparator] = MappingProxyType({"<": ">", "<=": ">=", ">": "<", ">=": "<="})


class Unknown:
    """A value that only an object has."""


UNKNOWN = Unknown()
Subject = ast.Value | tuple[str, str]
"""What is looked at: a path, a function of paths, the time or a target."""


@dataclass(frozen=True, slots=True)
class Claim:
    """`relation` to `constant`, of `subject`. `"there"` is that a path reaches something, `"gone"` that it does not.

    `is_one` if the subject has one value at most; otherwise *some* value is claimed, but for `!==` and `"gone"`.
    """

    term: ast.Term
    subject: Subject
    relation: OneOf["==", "!=", "!==", "<", "<=", ">", ">=", "=~", "!~", "startswith", "there", "gone"]
    constant: Json = field(default=None, hash=False)
    is_one: bool = False

    @property
    def needs(self) -> tuple[ast.Path, ...]:
        """Paths that must reach something for the claim to hold."""
        if self.relation in {"gone", "!==", "!~"} or isinstance(self.subject, tuple):
            return ()
        return tuple(value_paths(self.subject))


def constant(value: ast.Value) -> Json:
    """The value if it can be told without an object, else UNKNOWN."""
    match value:
        case ast.Literal():
            return value.value
        case ast.ListValue():
            items = [constant(item) for item in value.items]
            return UNKNOWN if UNKNOWN in items else items
        case ast.MapValue():
            entries = {key: constant(item) for key, item in value.entries}
            return UNKNOWN if UNKNOWN in entries.values() else entries
        case _:
            return UNKNOWN


def claim_of(term: ast.Term, *, holds: bool) -> Claim | None:
    """What the condition claims if it holds, or if it does not; None if nothing is known."""
    match term:
        case ast.Compare():
            return _compared(term) if holds else None
        case ast.Text():
            return _text(term, holds=holds)
        case ast.Exists():
            return Claim(term, term.path, "there" if holds else "gone", is_one=is_one_place(term.path))
        case ast.TimeTest() if holds:
            subject = ("@t", "since the first event" if term.relative else "in Unix seconds")
            return Claim(term, subject, term.operator, term.seconds, is_one=True)
        case ast.TargetTest() if holds:
            return Claim(term, ("target", term.component), term.operator, version_key(term.version), is_one=True)
        case ast.Bind() | ast.Known() if holds:
            return Claim(term, term.path, "there")
        case _:
            return None


def _compared(term: ast.Compare) -> Claim | None:
    left, operator, right = term.left, term.operator, term.right
    if isinstance(left, ast.Literal | ast.Suffixed) and not isinstance(right, ast.Literal | ast.Suffixed):
        left, operator, right = right, _MIRRORED.get(operator, operator), left
    measure = left.function if isinstance(left, ast.Call) else ""
    known = _measured(measure, right) if measure in _MEASURES else constant(right)
    return None if known is UNKNOWN else Claim(term, left, operator, known, is_one=_is_one(left))


def _text(term: ast.Text, *, holds: bool) -> Claim | None:
    known = constant(term.right)
    if not isinstance(known, str) or isinstance(term.left, ast.Literal):
        return None
    match term.operator:
        case "=~":
            return Claim(term, term.left, "=~" if holds else "!~", known, is_one=_is_one(term.left))
        case "startswith" if holds:
            return Claim(term, term.left, "startswith", known, is_one=_is_one(term.left))
        case _:
            return None


def _is_one(value: ast.Value) -> bool:
    """Whether it has one value at most in any object."""
    match value:
        case ast.Path():
            return is_one_place(value)
        case ast.Call():
            return all(_is_one(argument) for argument in value.arguments)
        case ast.Literal():
            return True
        case _:
            return False


_MEASURES: MappingProxyType[str, Callable[[str], Any]] = MappingProxyType(
    {"quantity": parse_quantity, "duration": parse_duration, "version": version_key}
)


def _measured(measure: str, value: ast.Value) -> Any:
    text = value.text if isinstance(value, ast.Suffixed) else constant(value)
    if text is UNKNOWN or isinstance(text, bool | None):
        return UNKNOWN
    found = _MEASURES[measure](str(text))
    return UNKNOWN if found is None else found


# ---- what can't be ---------------------------------------------------------------------------------------------------


def is_hopeless(claim: Claim) -> bool:
    """Whether no value at all can be so."""
    match claim.subject:
        case ast.Call(function="lower") if claim.relation == "==":
            return isinstance(claim.constant, str) and claim.constant != claim.constant.lower()
        case ast.Call(function="upper") if claim.relation == "==":
            return isinstance(claim.constant, str) and claim.constant != claim.constant.upper()
        case ast.Call(function="length") if claim.relation in {"==", "<", "<="}:
            number = claim.constant
            return isinstance(number, int | float) and (number < 0 or (number == 0 and claim.relation == "<"))
        case _:
            return False


def clash(one: Claim, other: Claim) -> bool:
    """Whether both can't hold for one object."""
    return _clash(one, other) or _clash(other, one)


def _clash(one: Claim, other: Claim) -> bool:
    if one.relation == "gone":
        return isinstance(one.subject, ast.Path) and any(_is_within(path, one.subject) for path in other.needs)
    if one.subject != other.subject:
        return _is_no_map(one) and _goes_deeper(other, one.subject)
    if one.relation == "==" and other.relation == "!==":
        return _equal(one.constant, other.constant)
    if not (one.is_one and other.is_one):
        return False
    if one.relation == "==":
        return _excluded(one.constant, other)
    if one.relation in {">", ">="} and other.relation in {"<", "<="}:
        return _is_empty(one, other)
    if one.relation == "startswith" == other.relation:
        return not (one.constant.startswith(other.constant) or other.constant.startswith(one.constant))
    return _is_ordered(one) and _is_ordered(other) and not _have_order(one.constant, other.constant)


def _excluded(value: Json, other: Claim) -> bool:
    """Whether the other claim does not hold of that value."""
    match other.relation:
        case "==":
            return not _equal(value, other.constant)
        case "!=":
            return _equal(value, other.constant)
        case "<" | "<=" | ">" | ">=":
            return not _have_order(value, other.constant) or not _HOLDS[other.relation](value, other.constant)
        case "startswith":
            return not (isinstance(value, str) and value.startswith(other.constant))
        case "=~":
            return not (isinstance(value, str) and _may_match(other.constant, value))
        case "!~":
            return isinstance(value, str) and matches(other.constant, value)
        case _:
            return False


def _equal(one: Json, other: Json) -> bool:
    return equal_json(one, other) if not isinstance(one, tuple) else one == other


def _is_empty(low: Claim, high: Claim) -> bool:
    if not _have_order(low.constant, high.constant):
        return True
    is_closed = low.relation == ">=" and high.relation == "<="
    return bool(low.constant > high.constant or (low.constant == high.constant and not is_closed))


def _is_ordered(claim: Claim) -> bool:
    return claim.relation in {"<", "<=", ">", ">="}


def _have_order(one: Any, other: Any) -> bool:
    """Whether two values are of one class that has an order."""
    return _class(one) == _class(other) != ""


def _class(value: Any) -> str:
    """Numbers, strings and each measure have an order, but not with each other; the rest has none."""
    if isinstance(value, bool | None | list | dict):
        return ""
    return "number" if isinstance(value, int | float) else type(value).__name__


def _is_within(path: ast.Path, outer: ast.Path) -> bool:
    return path.root == outer.root and path.steps[: len(outer.steps)] == outer.steps


def _is_no_map(claim: Claim) -> bool:
    """Whether the value has nothing below it."""
    if not claim.is_one or not isinstance(claim.subject, ast.Path):
        return False
    if claim.relation == "==":
        return not isinstance(claim.constant, dict | list)
    return claim.relation in {"<", "<=", ">", ">=", "=~", "startswith"}


def _goes_deeper(claim: Claim, subject: Subject) -> bool:
    if not isinstance(subject, ast.Path):
        return False
    return any(_is_within(path, subject) and len(path.steps) > len(subject.steps) for path in claim.needs)


def _may_match(pattern: str, text: str) -> bool:
    """Of an expression that is not valid nothing is known."""
    return compiled_regex(pattern) is None or matches(pattern, text)
