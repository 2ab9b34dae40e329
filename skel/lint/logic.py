"""What can be told of selectors without any object: which never hold, which follow from others.

Every answer is on the safe side: `impossible` finds a contradiction only where there is one.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from skel.language import ast
from skel.lint.canonical import Canonical, of_item
from skel.lint.claims import claim_of, clash, constant, is_hopeless

MOST_CLAUSES = 64
"""A selector with more alternatives than this is not looked into."""

LARGEST_CLAUSE = 60


@dataclass(frozen=True, slots=True)
class Fact:
    """One condition, holding or not."""

    term: ast.Term
    holds: bool = True


Clause = tuple[Fact, ...]


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Two conditions that can't both hold; one alone if `first` is `second`."""

    first: ast.Term
    second: ast.Term


def impossible(term: ast.Term) -> Contradiction | None:
    """Why a canonical selector can't hold for any object, None if it may."""
    alternatives = clauses(term)
    if alternatives is None:
        return None
    found = Contradiction(term, term)
    for clause in reversed(alternatives):
        here = _contradiction(clause)
        if here is None:
            return None
        found = here
    return found


def implies(one: ast.Term, other: ast.Term) -> bool:
    """Whether each object for which one holds is one for which the other holds, both canonical."""
    if isinstance(other, ast.Everything):
        return True
    return impossible(ast.And((one, ast.Not(other, other.span)), one.span)) is not None


def exclude(one: ast.Term, other: ast.Term) -> bool:
    """Whether no object is selected by both."""
    return impossible(ast.And((one, other), one.span)) is not None


def canonical(*terms: ast.Term) -> ast.Term:
    """The selectors of blocks and of a command in them, from outside in, as one that needs no variables."""
    rewriting = Canonical()
    parts = tuple(rewriting.term(term) for term in terms)
    return parts[0] if len(parts) == 1 else ast.And(parts, terms[-1].span)


def conjuncts(term: ast.Term) -> Iterator[ast.Term]:
    """The conditions that must all hold."""
    if isinstance(term, ast.And):
        for part in term.terms:
            yield from conjuncts(part)
    elif not isinstance(term, ast.Everything):
        yield term


# ---- alternatives ----------------------------------------------------------------------------------------------------


def clauses(term: ast.Term, *, holds: bool = True) -> tuple[Clause, ...] | None:
    """The alternatives of a selector, each a row of conditions; None if there are too many."""
    match term:
        case ast.Everything():
            return ((),) if holds else ()
        case ast.Not():
            return clauses(term.term, holds=not holds)
        case ast.And() | ast.Or():
            parts = [clauses(part, holds=holds) for part in term.terms]
            return _all(parts) if isinstance(term, ast.And) == holds else _any(parts)
        case ast.In():
            return clauses(_one_by_one(term), holds=holds) if _is_short(term) else ((Fact(term, holds),),)
        case ast.Compare(operator="!=="):
            equal = ast.Compare(term.left, "==", term.right, term.span)
            return ((Fact(term) if holds else Fact(equal),),)
        case ast.Compare(operator="==") if not holds:
            return ((Fact(ast.Compare(term.left, "!==", term.right, term.span)),),)
        case _:
            return ((Fact(term, holds),),)


def _is_short(term: ast.In) -> bool:
    known = constant(term.right)
    return isinstance(known, list) and len(known) <= LARGEST_CLAUSE


def _one_by_one(term: ast.In) -> ast.Term:
    assert isinstance(term.right, ast.ListValue)
    return ast.Or(tuple(ast.Compare(term.left, "==", item, term.span) for item in term.right.items), term.span)


def _all(parts: list[tuple[Clause, ...] | None]) -> tuple[Clause, ...] | None:
    found: tuple[Clause, ...] = ((),)
    # What is too large to be known may hold: leaving it out is on the safe side.
    for part in parts:
        if part is None or len(found) * len(part) > MOST_CLAUSES:
            continue
        found = tuple((*left, *right) for left in found for right in part)
    return found


def _any(parts: list[tuple[Clause, ...] | None]) -> tuple[Clause, ...] | None:
    found: list[Clause] = []
    for part in parts:
        if part is None or len(found) + len(part) > MOST_CLAUSES:
            return None
        found += part
    return tuple(found)


# ---- contradictions --------------------------------------------------------------------------------------------------


def _contradiction(clause: Clause) -> Contradiction | None:
    facts = clause[:LARGEST_CLAUSE]
    for one, other in combinations(facts, 2):
        if one.holds != other.holds and one.term == other.term:
            return Contradiction(one.term, other.term)
    claims = [claim for fact in facts if (claim := claim_of(fact.term, holds=fact.holds)) is not None]
    for claim in claims:
        if is_hopeless(claim):
            return Contradiction(claim.term, claim.term)
    found = next((pair for pair in combinations(claims, 2) if clash(*pair)), None)
    return Contradiction(found[0].term, found[1].term) if found else _among_items(facts)


def _among_items(facts: Clause) -> Contradiction | None:
    """A condition on the places of a variable that its own test excludes: some place must meet both."""
    for bind in (fact.term for fact in facts if fact.holds and isinstance(fact.term, ast.Bind)):
        for fact in facts:
            claim = claim_of(fact.term, holds=fact.holds)
            if bind.test is None or claim is None or not claim.needs or isinstance(fact.term, ast.Bind):
                continue
            inner = of_item(fact.term, bind.variable)
            if inner is not None and impossible(ast.And((bind.test, inner), bind.span)) is not None:
                return Contradiction(bind.test, fact.term)
    return None
