"""Checks of selectors."""

from __future__ import annotations

from typing import assert_never

from skel.language import ast, codes
from skel.language.check_values import (
    Found,
    check_call,
    check_measured,
    check_regex,
    check_written,
    measure_of,
    must_be_string,
    stray_unit,
)
from skel.language.diagnostic import Diagnostic, Edit, Fix, Safety
from skel.language.visit import term_paths, value_parts

ORDERS = ("<", "<=", ">", ">=")


def check_term(term: ast.Term) -> Found:
    """Everything that can be told to be wrong with a selector, in source order."""
    match term:
        case ast.Everything() | ast.TimeTest() | ast.TargetTest():
            pass
        case ast.Compare():
            yield from _compare(term)
        case ast.Text():
            yield from _text(term)
        case ast.In():
            yield from _in(term)
        case ast.Exists() | ast.Known():
            yield from check_path(term.path)
        case ast.Bind():
            yield from _bind(term)
        case ast.And() | ast.Or():
            for part in term.terms:
                yield from check_term(part)
        case ast.Not():
            yield from check_term(term.term)
        case _:
            assert_never(term)


def _compare(term: ast.Compare) -> Found:
    if isinstance(term.left, ast.TimeValue) or (isinstance(term.left, ast.Call) and term.left.function == "target"):
        return  # a parameter of a definition is still open
    yield from check_parts(term.left)
    yield from check_parts(term.right)
    left, right = measure_of(term.left), measure_of(term.right)
    if left or right:
        yield from check_measured(left or right, term.right if left else term.left)
        return
    yield from (stray_unit(side) for side in (term.left, term.right) if isinstance(side, ast.Suffixed))
    if term.operator in ORDERS:
        yield from (_no_order(side) for side in (term.left, term.right) if _is_unordered(side))
    elif (name := unquoted(term.left, term.right)) is not None:
        yield name


def _is_unordered(value: ast.Value) -> bool:
    if isinstance(value, ast.Literal):
        return value.value is None or isinstance(value.value, bool)
    return isinstance(value, ast.ListValue | ast.MapValue)


def _no_order(value: ast.Value) -> Diagnostic:
    return codes.NO_ORDER.at(value.span, "this has no order, so the term never holds", "compare with `==` or `!=`")


def unquoted(left: ast.Value, right: ast.Value) -> Diagnostic | None:
    """`kind == Deployment`: the right side is a path, and was most likely meant as a text."""
    if _bare_name(left) != "kind" or not _bare_name(right)[:1].isupper():
        return None
    name = _bare_name(right)
    fix = Fix("put it in quotes", (Edit(right.span, f'"{name}"'),), Safety.UNSAFE)
    return codes.UNQUOTED_VALUE.at(
        right.span, f"`{name}` without quotes is the path of a field", f'did you mean `"{name}"`?', fix=fix
    )


def _bare_name(value: ast.Value) -> str:
    match value:
        case ast.Path(root=ast.ObjectRoot(), steps=(ast.Key(name=name, quoted=False),)):
            return name
        case _:
            return ""


def _text(term: ast.Text) -> Found:
    yield from check_sides(term.left, term.right)
    if term.operator == "=~":
        yield from check_regex(term.right)
    elif term.operator != "contains" and _is_no_text(term.right):
        yield must_be_string(term.right, f"the right side of `{term.operator}`", codes.LITERAL_TYPE)


def _is_no_text(value: ast.Value) -> bool:
    if isinstance(value, ast.Literal):
        return not isinstance(value.value, str)
    return isinstance(value, ast.ListValue | ast.MapValue)


def _in(term: ast.In) -> Found:
    yield from check_sides(term.left, term.right)
    if isinstance(term.right, ast.Literal | ast.MapValue):
        fix = Fix("make it a list", (Edit(term.right.span, f"[{term.right.span.text}]"),))
        yield codes.LITERAL_TYPE.at(term.right.span, "the right side of `in` is a list", "write `[...]`", fix=fix)


def check_sides(left: ast.Value, right: ast.Value) -> Found:
    """Both sides of a test that knows no measures."""
    for side in (left, right):
        yield from check_parts(side)
        yield from check_written(side, "compare it with `==` or `<`")


def _bind(term: ast.Bind) -> Found:
    yield from check_path(term.path)
    if term.test is None:
        return
    yield from check_term(term.test)
    if not any(_is_at(path, term.variable) for path in term_paths(term.test)):
        name = f"${term.variable.name}"
        message = f"the test never looks at `{name}`"
        yield codes.TEST_WITHOUT_VARIABLE.at(term.test.span, message, f"it gives the same answer for every `{name}`")


def _is_at(path: ast.Path, variable: ast.VariableRoot) -> bool:
    """A name without a slot may stand for anything: it is undefined, or a parameter that is still open."""
    return isinstance(path.root, ast.VariableRoot) and path.root.slot in (variable.slot, ast.UNNUMBERED)


# ---- what a selector looks at ----------------------------------------------------------------------------------------


def check_parts(value: ast.Value) -> Found:
    """The calls and paths in a value, and the units where nothing has units."""
    for part in value_parts(value):
        if isinstance(part, ast.Call):
            yield from check_call(part)
        elif isinstance(part, ast.Path):
            yield from check_path(part)
        if part is not value:
            yield from check_written(part)


def check_path(path: ast.Path) -> Found:
    for step in path.steps:
        if isinstance(step, ast.Filter):
            yield from check_term(step.test)
