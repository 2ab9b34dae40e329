"""Which kinds of objects a selector can hold for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from skel.kube.release import Gvk, is_builtin_group, minors, served, subresources
from skel.language import ast
from skel.lint.claims import UNKNOWN, constant
from skel.lint.places import keys_of


@dataclass(frozen=True, slots=True)
class Selected:
    """What `kind` and `apiVersion` may be; None for anything."""

    kinds: frozenset[str] | None
    api_versions: frozenset[str] | None


def selected(held: ast.Term) -> Selected:
    """What a canonical selector says of the header of its objects."""
    return Selected(allowed(held, "kind"), allowed(held, "apiVersion"))


def allowed(term: ast.Term, key: str) -> frozenset[str] | None:
    """The values of a field of the object for which a selector can hold; None for any."""
    match term:
        case ast.Compare(operator="==") | ast.In() if _is_field(term.left, key):
            values = constant(term.right) if isinstance(term, ast.In) else [constant(term.right)]
            is_known = isinstance(values, list) and UNKNOWN not in values
            return frozenset(value for value in values if isinstance(value, str)) if is_known else None
        case ast.And():
            sets = [found for part in term.terms if (found := allowed(part, key)) is not None]
            return frozenset.intersection(*sets) if sets else None
        case ast.Or():
            parts = [allowed(part, key) for part in term.terms]
            known = [part for part in parts if part is not None]
            return frozenset[str]().union(*known) if len(known) == len(parts) else None
        case _:
            return None


def _is_field(value: ast.Value, key: str) -> bool:
    return isinstance(value, ast.Path) and keys_of(value) == (key,)


def gvks_of(held: ast.Term, *, exact: bool = False) -> frozenset[Gvk] | None:
    """The kinds of Kubernetes itself that a selector is for, in each of their versions; None if there may be others.

    `exact`: in those versions alone that the selector names.
    """
    header = selected(held)
    if not header.kinds or not header.kinds <= builtin_kinds():
        return None
    if header.api_versions and not all(map(is_builtin_group, header.api_versions)):
        return None
    wanted = header.api_versions if exact else None
    return frozenset(gvk for kind in header.kinds for gvk in versions_of(kind) if wanted is None or gvk[0] in wanted)


def versions_of(kind: str) -> Iterator[Gvk]:
    """A kind in each apiVersion that any known minor serves."""
    return (gvk for gvk in all_served() if gvk[1] == kind)


@cache
def all_served() -> frozenset[Gvk]:
    """Everything that any known minor serves."""
    return frozenset(gvk for minor in minors() for gvk in served(minor))


@cache
def builtin_kinds() -> frozenset[str]:
    """Kinds of objects, and those that are only sent to a part of one."""
    return frozenset(kind for minor in minors() for _, kind in (*served(minor), *subresources(minor)))
