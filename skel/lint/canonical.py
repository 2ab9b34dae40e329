"""Selectors in a form in which equal meaning is equal text: variables stand for what they are bound to.

A variable of one place (`$x := spec.replicas`) becomes its path. One of several places gets a name that says how it was
bound, so that two selectors that bind alike speak of the same set.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import assert_never

from skel.language import ast

SET = -2
"""The slot of a variable that stands for a set of places, as everywhere behind its own test."""

ITEM = -3
"""The slot of a variable in its own test, where it stands for one place."""

ITEM_ROOT = ast.VariableRoot("item", ITEM)


def is_one_place(path: ast.Path) -> bool:
    """Whether the path reaches one place at most in any object."""
    match path.root:
        case ast.ObjectRoot() | ast.ItemRoot() | ast.VariableRoot(slot=-3):
            return all(isinstance(step, ast.Key | ast.Index) for step in path.steps)
        case _:
            return False


@dataclass(slots=True)
class Canonical:
    """Rewrites the parts of one selector, in their order. Variables of blocks around it must have been seen before."""

    roots: dict[int, ast.Path] = field(default_factory=dict)

    def term(self, term: ast.Term) -> ast.Term:
        match term:
            case ast.Everything() | ast.TimeTest() | ast.TargetTest():
                return term
            case ast.Compare() | ast.Text() | ast.In():
                return replace(term, left=self.value(term.left), right=self.value(term.right))
            case ast.Exists() | ast.Known():
                return replace(term, path=self.path(term.path))
            case ast.Bind():
                return self.bind(term)
            case ast.And() | ast.Or():
                return replace(term, terms=tuple(self.term(part) for part in term.terms))
            case ast.Not():
                return replace(term, term=self.term(term.term))
            case _:
                assert_never(term)

    def bind(self, bind: ast.Bind) -> ast.Term:
        path = self.path(bind.path)
        slot = bind.variable.slot
        if is_one_place(path):
            self.roots[slot] = path
            there = ast.Exists(path, bind.span)
            return there if bind.test is None else ast.And((there, self.term(bind.test)), bind.span)
        if bind.test is None:
            self.roots[slot] = path
            return ast.Exists(path, bind.span)
        self.roots[slot] = ast.Path(ITEM_ROOT, (), bind.span)
        test = self.term(bind.test)
        items = ast.VariableRoot(f"{path!r} | {test!r}", SET)
        self.roots[slot] = ast.Path(items, (), bind.span)
        return ast.Bind(items, path, test, bind.span)

    def value(self, value: ast.Value) -> ast.Value:
        match value:
            case ast.Path():
                return self.path(value)
            case ast.Call():
                return replace(value, arguments=tuple(self.value(argument) for argument in value.arguments))
            case ast.ListValue():
                return replace(value, items=tuple(self.value(item) for item in value.items))
            case ast.MapValue():
                return replace(value, entries=tuple((key, self.value(item)) for key, item in value.entries))
            case ast.Literal() | ast.Suffixed() | ast.TimeValue():
                return value
            case _:
                assert_never(value)

    def path(self, path: ast.Path) -> ast.Path:
        steps = tuple(self.step(step) for step in path.steps)
        if isinstance(path.root, ast.VariableRoot) and path.root.slot in self.roots:
            base = self.roots[path.root.slot]
            return ast.Path(base.root, base.steps + steps, path.span)
        return ast.Path(path.root, steps, path.span)

    def step(self, step: ast.Step) -> ast.Step:
        match step:
            case ast.Key(quoted=True) if not step.name.isdigit():
                return replace(step, quoted=False)
            case ast.Filter():
                return replace(step, test=self.term(step.test))
            case _:
                return step


def of_item(term: ast.Term, items: ast.VariableRoot) -> ast.Term | None:
    """A condition on the places of a variable as one on a single of them; None if it is on something else as well."""
    rewriting = _OfItem(items)
    found = rewriting.term(term)
    return found if rewriting.is_alone else None


class _OfItem(Canonical):
    """Puts the item into the place of the set that it is of."""

    def __init__(self, items: ast.VariableRoot) -> None:
        super().__init__()
        self.items = items
        self.is_alone = True

    def path(self, path: ast.Path) -> ast.Path:
        if path.root != self.items:
            self.is_alone = False
            return path
        return ast.Path(ITEM_ROOT, path.steps, path.span)
