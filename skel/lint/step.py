"""The commands of a program one by one, each with everything that must hold where it stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from skel.language import ast
from skel.language.text import Span
from skel.language.visit import command_paths, term_paths
from skel.lint.logic import canonical, conjuncts
from skel.lint.places import Bound, any_touch, bound_paths, spread, written


@dataclass(frozen=True)
class Step:
    """A command that is no block. `home` is the rule or definition where it stands, `around` the selectors of the
    blocks around it as far as they still hold here (`is_certain`: all of them); `is_draft` in a definition whose
    parameters are open.
    """

    home: ast.ResolvedRule
    command: ast.ObjectCommand | ast.TraceCommand
    around: tuple[ast.Term, ...]
    blocks: tuple[ast.When, ...]
    bound: Bound
    is_draft: bool

    @property
    def span(self) -> Span:
        return self.command.span

    @property
    def is_own(self) -> bool:
        """Whether it is written where it runs, not in a definition that is used here."""
        return is_inside(self.span, self.home.span)

    @property
    def is_certain(self) -> bool:
        """Whether it runs on every object for which `held` holds."""
        return self.around == tuple(block.selector for block in self.blocks)

    @property
    def selector(self) -> ast.Term:
        if isinstance(self.command, ast.Insert | ast.Shift | ast.Scale):
            return ast.Everything(self.span)
        return self.command.selector

    @cached_property
    def held(self) -> ast.Term:
        """Everything that holds for the objects that this command changes, in canonical form."""
        return canonical(*self.around, self.selector)

    @cached_property
    def reads(self) -> tuple[ast.Path, ...]:
        """What decides whether this command has an object: paths from the object on."""
        return tuple(self.spread(path) for term in (*self.around, self.selector) for path in term_paths(term))

    @cached_property
    def values(self) -> tuple[ast.Path, ...]:
        """What it takes values from."""
        return tuple(self.spread(path) for path in command_paths(self.command))

    @cached_property
    def writes(self) -> tuple[ast.Path, ...]:
        return tuple(self.spread(path) for path in written(self.command))

    def spread(self, path: ast.Path) -> ast.Path:
        return spread(path, self.bound)

    def own(self, span: Span) -> Span:
        """The span, or the first line of the command if that lies elsewhere, as what stands for a parameter does."""
        return span if is_inside(span, self.home.span) else first_line(self.span)


def is_inside(span: Span, outer: Span) -> bool:
    return span.source == outer.source and outer.start <= span.start and span.end <= outer.end


def first_line(span: Span) -> Span:
    """The first line of a statement, without its block."""
    line = span.text.split("\n", 1)[0]
    head = line.split("{", 1)[0].rstrip()
    return Span(span.source, span.start, span.start + len(head or line))


def steps_of(rule: ast.ResolvedRule, *, is_draft: bool = False) -> Iterator[Step]:
    """All commands of a rule, those in blocks as well, in the order in which they run."""
    return _steps(rule, rule.commands, (), (), {}, is_draft=is_draft)


def _steps(
    home: ast.ResolvedRule,
    commands: tuple[ast.Command, ...],
    around: tuple[ast.Term, ...],
    blocks: tuple[ast.When, ...],
    bound: Bound,
    *,
    is_draft: bool,
) -> Iterator[Step]:
    changed: tuple[ast.Path, ...] = ()
    for command in commands:
        here = tuple(_left(term, changed, bound) for term in around)
        if isinstance(command, ast.When):
            inner = {**bound, **bound_paths(command.selector)}
            selectors, whens = (*here, command.selector), (*blocks, command)
            yield from _steps(home, command.commands, selectors, whens, inner, is_draft=is_draft)
        elif not isinstance(command, ast.Use):
            inner = {**bound, **_own_bounds(command)}
            yield Step(home, command, here, blocks, inner, is_draft)
        changed += tuple(spread(path, {**bound, **_own_bounds(command)}) for path in written(command))


def _own_bounds(command: ast.Command) -> dict[int, ast.Path]:
    """What the command binds, blocks in it as well."""
    match command:
        case ast.Insert() | ast.Shift() | ast.Scale() | ast.Use():
            return {}
        case ast.When():
            inner = (_own_bounds(step) for step in command.commands)
            return bound_paths(command.selector) | {slot: path for found in inner for slot, path in found.items()}
        case _:
            return bound_paths(command.selector)


def _left(term: ast.Term, changed: tuple[ast.Path, ...], bound: Bound) -> ast.Term:
    """What still holds of the selector of a block, which is tested once, when places were changed since."""
    if not changed:
        return term
    names = {**bound, **bound_paths(term)}
    parts = tuple(conjuncts(term))
    kept = tuple(part for part in parts if not any_touch(tuple(_looked_at(part, names)), changed))
    return term if kept == parts else ast.And(kept, term.span)


def _looked_at(term: ast.Term, bound: Bound) -> Iterator[ast.Path]:
    return (spread(path, bound) for path in term_paths(term))
