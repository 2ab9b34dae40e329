"""Selectors as Python expressions, for generated functions. What is not simple is a call of the selector's closure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import isfinite

from skel.compiler.comparison import constant_leaf
from skel.compiler.frame import Frame, Predicate
from skel.compiler.paths import Context, plain_keys
from skel.compiler.predicate import compile_term
from skel.compiler.sheet import Keys, Sheet
from skel.compiler.values import constant
from skel.compiler.walk import is_plain
from skel.language import ast
from skel.patch.values import Json, equal_json
from skel.trace.codec import thaw

Ask = Callable[[str, str], str]
"""From the name of a map and a key to an expression about what is there."""


def holds_key(node: str, key: str) -> str:
    """The question whether the key is there."""
    return f"{key!r} in {node}"


@dataclass(frozen=True, slots=True)
class Tests:
    """Writes tests; the values that they need are given to the sheet."""

    sheet: Sheet
    context: Context

    def all_of(self, terms: Sequence[ast.Term]) -> str:
        return " and ".join(map(self.test, terms))

    def test(self, term: ast.Term) -> str:
        """Whether the term holds for the object in the frame. Variables are bound by closures alone."""
        match term:
            case ast.And():
                return f"({self.all_of(term.terms)})"
            case ast.Or():
                return f"({' or '.join(map(self.test, term.terms))})"
            case ast.Not():
                return f"(not {self.test(term.term)})"
            case ast.TimeTest() if isfinite(term.seconds):
                now = "frame.relative" if term.relative else "frame.time"
                return f"{now} {term.operator.replace('!==', '!=')} {term.seconds!r}"
            case ast.Exists() if keys := plain_keys(term.path, self.context):
                return holds_key(self.sheet.map_of(keys), keys[-1])
            case ast.Compare() if isinstance(term.left, ast.Path) and (keys := plain_keys(term.left, self.context)):
                if ask := self._comparison(term):
                    return ask(self.sheet.map_of(keys), keys[-1])
        return self.closure(compile_term(term, self.context))

    def closure(self, predicate: Predicate | None) -> str:
        """A call of a selector's closure, which may look at anything."""
        return f"{self.sheet.value('selector', predicate)}(whole(frame))"

    def item_test(self, term: ast.Term, slot: int, item: str, bound: Mapping[int, str]) -> str:
        """Whether the test of a variable holds for its item; "" if that takes a closure. It holds for maps alone.
        `bound` names the items of the variables before it.
        """
        match term:
            case ast.And() | ast.Or():
                parts = [self.item_test(part, slot, item, bound) for part in term.terms]
                word = " and " if isinstance(term, ast.And) else " or "
                return f"({word.join(parts)})" if all(parts) else ""
            case ast.Exists() if keys := keys_below(term.path, slot):
                return self.below(item, keys, holds_key)
            case ast.Compare() if isinstance(term.left, ast.Path) and (keys := keys_below(term.left, slot)):
                ask = self._comparison(term) or self._join(term, bound)
                return self.below(item, keys, ask) if ask else ""
            case _:
                return ""

    def below(self, node: str, keys: Keys, ask: Ask) -> str:
        """Whether the keys but the last lead from the node through maps, and what is asked about the last."""
        tests, last = self.descent(node, keys[:-1])
        return " and ".join([*tests, ask(last, keys[-1])])

    def descent(self, node: str, keys: Keys) -> tuple[list[str], str]:
        """Tests that the node and what is at each of the keys is a map, and the name of the last map."""
        tests = [f"type({node}) is dict"]
        for key in keys:
            inner = self.sheet.fresh("node")
            tests.append(f"type({inner} := {node}.get({key!r})) is dict")
            node = inner
        return tests, node

    def _join(self, term: ast.Compare, bound: Mapping[int, str]) -> Ask | None:
        """`$y.name == $x.name`: what is there is among the values of another variable's items."""
        if term.operator != "==" or not isinstance(term.right, ast.Path):
            return None
        root = term.right.root
        hits = bound.get(root.slot) if isinstance(root, ast.VariableRoot) else None
        keys = names(term.right)
        if hits is None or len(keys) != 1 or not all(map(is_plain, term.right.steps)):
            return None
        return lambda node, key: f"({key!r} in {node} and among({node}[{key!r}], {hits}, {keys[0]!r}))"

    def _comparison(self, term: ast.Compare) -> Ask | None:
        """The comparison with a constant; None if it is none."""
        holds, fixed = constant_leaf(term), constant(term.right)
        if holds is None:
            return None
        if term.operator == "==" and isinstance(fixed, str):
            return lambda node, key: f"{node}.get({key!r}) == {fixed!r}"
        name = self.sheet.value("holds", holds)
        return lambda node, key: f"({key!r} in {node} and {name}({node}[{key!r}]))"


def whole(frame: Frame) -> Frame:
    """The frame, its object decoded to the end."""
    thaw(frame.holder[0])
    return frame


def among(value: Json, hits: Sequence[tuple[Json, int, Json]], key: str) -> bool:
    """Whether one of the items has an equal value at the key."""
    return any(type(item) is dict and key in item and equal_json(value, item[key]) for _, _, item in hits)


def keys_below(path: ast.Path, slot: int) -> Keys:
    """The keys of a path that is a run of plain keys from that variable; empty for any other path."""
    if not _starts_at(path, slot) or not all(is_plain(step) for step in path.steps):
        return ()
    return names(path)


def names(path: ast.Path) -> Keys:
    """The names of the steps of a path of keys."""
    return tuple(step.name for step in path.steps if isinstance(step, ast.Key))


def is_variable(path: ast.Path, slot: int) -> bool:
    """Whether the path is that variable and no more."""
    return _starts_at(path, slot) and not path.steps


def _starts_at(path: ast.Path, slot: int) -> bool:
    return isinstance(path.root, ast.VariableRoot) and path.root.slot == slot
