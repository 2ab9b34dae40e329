"""Checks of values: functions and their arguments, literals with units, regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache

from skel.language import ast, codes
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Edit, Fix
from skel.language.functions import FUNCTIONS, Function, is_measured
from skel.language.nearest import nearest
from skel.language.text import Span

Found = Iterator[Diagnostic]


def measure_of(value: ast.Value) -> str:
    """`quantity`, `duration` or `version` if the value is a call of it, else ""."""
    if isinstance(value, ast.Call) and value.function in FUNCTIONS and FUNCTIONS[value.function].gives == "measure":
        return value.function
    return ""


def check_call(call: ast.Call) -> Found:
    """The call itself; its arguments are checked one by one elsewhere."""
    function = FUNCTIONS.get(call.function)
    name = Span(call.span.source, call.span.start, call.span.start + len(call.function))
    if function is None:
        yield _unknown(call, name)
        return
    yield from _field(call, function)
    if not function.least <= len(call.arguments) <= function.most:
        message = f"`{call.function}` does not take {_counted(len(call.arguments))}"
        yield codes.ARGUMENT_COUNT.at(name, message, f"write `{function.usage}`")
        return
    if call.function == "replace":
        yield from check_replacement(call.arguments[1], call.arguments[2])
    elif call.function == "format":
        yield from _format(call)


def _counted(count: int) -> str:
    return f"{count} argument{'s' if count != 1 else ''}"


def _unknown(call: ast.Call, name: Span) -> Diagnostic:
    near = nearest(call.function, FUNCTIONS)
    if near is None:
        return codes.UNKNOWN_FUNCTION.at(name, f"there is no function `{call.function}`")
    fix = Fix(f"write `{near}`", (Edit(name, near),))
    return codes.UNKNOWN_FUNCTION.at(
        name, f"there is no function `{call.function}`", f"did you mean `{near}`?", fix=fix
    )


def _field(call: ast.Call, function: Function) -> Found:
    if call.field and not function.fields:
        yield codes.FUNCTION_FIELD.at(call.span, f"`{call.function}` gives a value without fields")
    elif function.fields and call.field not in function.fields:
        near = nearest(call.field, function.fields) if call.field else None
        known = " ".join(f"`.{field}`" for field in function.fields)
        message = f"`{call.function}` has no field `{call.field}`" if call.field else f"`{call.function}` needs a field"
        hint = f"did you mean `.{near}`?" if near is not None else f"one of {known}"
        yield codes.FUNCTION_FIELD.at(call.span, message, hint)


_HOLE = re.compile(r"\{\{|\}\}|\{\}")


def _format(call: ast.Call) -> Found:
    pattern = call.arguments[0]
    if not isinstance(pattern, ast.Literal) or not isinstance(pattern.value, str):
        return
    holes = sum(hole == "{}" for hole in _HOLE.findall(pattern.value))
    given = len(call.arguments) - 1
    if holes > given:
        message = f"the pattern has {holes} `{{}}`, but {_counted(given)} follow{'s' if given == 1 else ''}"
        yield codes.ARGUMENT_COUNT.at(pattern.span, message)


def check_written(value: ast.Value, way_out: str = "copy the path itself") -> Found:
    """What may be compared in some order, but is no value."""
    if isinstance(value, ast.Suffixed):
        yield stray_unit(value)
    elif measure := measure_of(value):
        message = f"`{measure}` gives something to compare, no value"
        yield codes.MEASURE.at(value.span, message, way_out)


def stray_unit(value: ast.Suffixed) -> Diagnostic:
    fix = Fix("put it in quotes", (Edit(value.span, f'"{value.text}"'),))
    is_version = value.text.replace(".", "").isdigit()
    message = f"`{value.text}` {'is a version' if is_version else 'has a unit'}, and nothing here has one"
    functions = "`version(...)`" if is_version else "`quantity(...)` or `duration(...)`"
    hint = f'write `"{value.text}"` for a text, or compare {functions}'
    return codes.STRAY_UNIT.at(value.span, message, hint, fix=fix)


# ---- measures --------------------------------------------------------------------------------------------------------


def check_measured(measure: str, other: ast.Value) -> Found:
    """The other side of a comparison with `quantity(...)`, `duration(...)` or `version(...)`."""
    second = measure_of(other)
    if second and second != measure:
        yield codes.MEASURE.at(other.span, f"a {measure} can't be compared with a {second}")
    elif isinstance(other, ast.ListValue | ast.MapValue) or _is_plain(other):
        yield codes.MEASURE.at(other.span, f"this is no {measure}", _EXAMPLES[measure])
    elif isinstance(other, ast.Literal | ast.Suffixed):
        text = other.value if isinstance(other, ast.Literal) and isinstance(other.value, str) else other.span.text
        if not is_measured(measure, text):
            yield codes.MEASURE.at(other.span, f"`{text}` is no {measure}", _EXAMPLES[measure])


_EXAMPLES = {
    "quantity": "such as `500m`, `2` or `1.5Gi`",
    "duration": "such as `30s` or `1h30m`",
    "version": 'such as `"v1beta1"` or `1.25`',
}


def _is_plain(value: ast.Value) -> bool:
    """A boolean or null."""
    return isinstance(value, ast.Literal) and (value.value is None or isinstance(value.value, bool))


# ---- regular expressions ---------------------------------------------------------------------------------------------


def check_replacement(pattern: ast.Value, replacement: ast.Value) -> Found:
    """A regular expression, and the groups that its replacement names."""
    yield from check_regex(pattern)
    if not isinstance(pattern, ast.Literal) or not isinstance(replacement, ast.Literal):
        return
    groups = _groups(pattern.value) if isinstance(pattern.value, str) else None
    if groups is None or not isinstance(replacement.value, str):
        return
    for group in sorted({int(number) for number in re.findall(r"\$\$|\$([0-9])", replacement.value) if number}):
        if group > groups:
            message = f"`${group}` is always empty: the expression has {groups} group{'s' if groups != 1 else ''}"
            yield codes.EMPTY_GROUP.at(replacement.span, message)


def check_regex(pattern: ast.Value) -> Found:
    if not isinstance(pattern, ast.Literal):
        return
    if not isinstance(pattern.value, str):
        yield must_be_string(pattern, "a regular expression", codes.LITERAL_TYPE)
        return
    complaint = _compiled(pattern.value)
    if isinstance(complaint, str):
        notes = ("the syntax is that of RE2: no look-around and no references back, so that no expression takes long",)
        yield codes.REGEX.at(pattern.span, "this regular expression is not valid", complaint, notes=notes)


def must_be_string(value: ast.Value, what: str, code: Code) -> Diagnostic:
    text = value.span.text
    if isinstance(value, ast.Literal) and value.value is None:
        return code.at(value.span, f"{what} is a string", "to take it away, use `remove`")
    is_short = isinstance(value, ast.Literal) and "\n" not in text and '"' not in text
    fix = Fix("put it in quotes", (Edit(value.span, f'"{text}"'),)) if is_short else None
    hint = f'write `"{text}"`' if is_short else "a string must stand here"
    return code.at(value.span, f"{what} is a string", hint, fix=fix)


def _groups(pattern: str) -> int | None:
    compiled = _compiled(pattern)
    return compiled if isinstance(compiled, int) else None


@lru_cache(maxsize=256)
def _compiled(pattern: str) -> int | str:
    """The number of groups, or what is wrong with the expression."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return int(re2.compile(pattern, options).groups)
    except re2.error as error:
        reason = error.args[0] if error.args else ""
        return reason.decode("utf-8", "replace") if isinstance(reason, bytes) else str(reason)
