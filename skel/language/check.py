"""What can be told to be wrong without any trace. The grammar is permissive; here the language is strict."""

from __future__ import annotations

from typing import assert_never

from skel.language import ast, codes
from skel.language.check_rules import check_rule
from skel.language.check_terms import check_parts, check_path, check_term
from skel.language.check_values import Found, check_replacement, check_written
from skel.language.check_writes import check_append, check_merge, check_write
from skel.language.diagnostic import Diagnostic
from skel.language.text import Span
from skel.language.visit import value_parts

MOST_CLONES = 100_000


def check(module: ast.ResolvedModule, drafts: tuple[ast.ResolvedRule, ...] = ()) -> tuple[Diagnostic, ...]:
    """Everything that is wrong with a resolved program. `drafts` are definitions, checked as far as they are known."""
    found: dict[tuple[str, Span, str], Diagnostic] = {}
    for rule in (*module.rules, *drafts):
        for diagnostic in _rule(rule):
            # The body of a definition is seen once for each use.
            found.setdefault((diagnostic.code, diagnostic.span, diagnostic.message), diagnostic)
    return tuple(found.values())


def _rule(rule: ast.ResolvedRule) -> Found:
    yield from check_rule(rule)
    for command in rule.commands:
        yield from _command(command, in_block=False)


def _command(command: ast.Command, *, in_block: bool) -> Found:
    match command:
        case ast.When():
            yield from check_term(command.selector)
            for inner in command.commands:
                yield from _command(inner, in_block=True)
        case ast.Insert() | ast.Drop() | ast.Shift() | ast.Scale() | ast.Clone():
            if in_block:
                yield _misplaced(command)
            yield from _trace_command(command)
        case ast.Use():
            raise AssertionError("definitions are expanded before a program is checked")
        case _:
            yield from check_term(command.selector)
            yield from _object_command(command)


# ---- commands on an object -------------------------------------------------------------------------------------------


def _object_command(command: ast.ObjectCommand) -> Found:
    match command:
        case ast.Delete() | ast.Deny():
            pass
        case ast.Require():
            yield from check_term(command.condition)
        case ast.Remove():
            yield from _target(command.path)
        case ast.Modify():
            yield from _written(command.path, command.value)
            yield from check_write(command.path, command.value)
        case ast.Append():
            yield from _written(command.path, command.value)
            yield from check_append(command.path)
        case ast.Merge():
            yield from _merge(command)
        case ast.Rename():
            yield from _rename(command)
        case ast.Transfer():
            yield from _target(command.source)
            yield from _target(command.target)
        case ast.Replace():
            yield from check_path(command.path)
            yield from check_replacement(command.pattern, command.replacement)
        case ast.Rekey():
            yield from check_path(command.path)
        case _:
            assert_never(command)


def _written(path: ast.Path, value: ast.Value) -> Found:
    yield from _target(path)
    yield from check_parts(value)
    yield from check_written(value)


def _target(path: ast.Path) -> Found:
    yield from check_path(path)
    if isinstance(path.root, ast.ObjectRoot) and all(isinstance(step, ast.Deep) for step in path.steps):
        yield codes.WHOLE_OBJECT.at(path.span, "this reaches the whole object", "name a field, such as `**.image`")


def _merge(command: ast.Merge) -> Found:
    yield from _written(command.path, command.value)
    if isinstance(command.value, ast.Literal | ast.ListValue):
        hint = 'such as `{"type": "Recreate"}`'
        yield codes.LITERAL_TYPE.at(command.value.span, "`merge` needs a map", hint)
    yield from check_merge(command.path, command.value)


def _rename(command: ast.Rename) -> Found:
    yield from check_path(command.path)
    last = command.path.steps[-1] if command.path.steps else None
    # What a parameter of a definition stands for is not known yet.
    is_open = isinstance(command.path.root, ast.VariableRoot) and command.path.root.slot == ast.UNNUMBERED
    if not isinstance(last, ast.Key | ast.NamedKey) and not (last is None and is_open):
        yield codes.NOT_A_KEY.at(command.path.span, "`rename` needs a path that ends with a key", "that key is renamed")


# ---- commands on the trace -------------------------------------------------------------------------------------------


def _trace_command(command: ast.TraceCommand) -> Found:
    match command:
        case ast.Insert():
            yield from _insert(command)
        case ast.Drop():
            yield from _drop(command.selector)
        case ast.Clone():
            yield from check_term(command.selector)
            yield from _clone(command.count)
        case ast.Shift() | ast.Scale():
            pass
        case _:
            assert_never(command)


def _misplaced(command: ast.TraceCommand) -> Diagnostic:
    name = type(command).__name__.lower()
    span = Span(command.span.source, command.span.start, command.span.start + len(name))
    return codes.MISPLACED_STATEMENT.at(
        span, f"`{name}` can't stand in a `when`", "it works on the whole trace, not on one object"
    )


def _insert(command: ast.Insert) -> Found:
    yield from check_parts(command.object)
    for part in value_parts(command.object):
        if isinstance(part, ast.Path) and not _is_open(part):
            message = "there is no object here that a path could look at"
            yield codes.TRACE_COMMAND.at(part.span, message, "the new object is written out in full")


def _is_open(path: ast.Path) -> bool:
    return isinstance(path.root, ast.VariableRoot) and path.root.slot == ast.UNNUMBERED


def _drop(selector: ast.Term) -> Found:
    match selector:
        case ast.Everything() | ast.TimeTest():
            pass
        case ast.Compare(left=ast.TimeValue()):
            pass  # a parameter of a definition is still open
        case ast.And() | ast.Or():
            for term in selector.terms:
                yield from _drop(term)
        case ast.Not():
            yield from _drop(selector.term)
        case _:
            message = "`drop` takes whole events, and this looks at an object"
            yield codes.TRACE_COMMAND.at(selector.span, message, "to take objects away, use `delete`")


def _clone(count: ast.Value) -> Found:
    match count:
        case ast.Literal(value=int(number)) if not isinstance(number, bool) and 1 <= number <= MOST_CLONES:
            pass
        case ast.Path() if _is_open(count):
            pass
        case _:
            hint = f"from 1 to {MOST_CLONES}"
            yield codes.TRACE_COMMAND.at(count.span, "`clone` needs a number of copies", hint)
