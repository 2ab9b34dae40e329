"""The two tests that have values of their own: `@t >= 10m` and `target("kubernetes") >= 1.25`.

A parameter may stand for the value; then the term stays a plain comparison until `resolve` knows the parameter.
"""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import cast, get_args

from skel.kube.version import version_key
from skel.language import ast, codes
from skel.language.builder_paths import TermBuilder
from skel.language.builder_values import build_value, call_name
from skel.language.diagnostic import Diagnostic, Edit, Fix
from skel.language.literals import seconds_value
from skel.language.site import Misshapen, Site
from skel.language.text import Span
from skel.language.tree import Node, Part, Token, is_token

MIRRORED = MappingProxyType({"<": ">", "<=": ">=", ">": "<", ">=": "<="})
COMPARATORS = get_args(ast.Comparator)
TIME_HINT = "Unix seconds, or a time such as `10m` since the first event"


# ---- time ------------------------------------------------------------------------------------------------------------


def build_time_test(node: Node, site: Site) -> ast.Term:
    left, sign, right = node.parts
    assert isinstance(sign, Token)
    if not is_token(left, "TIME"):
        raise Misshapen(_reversed(node, site))
    if sign.text not in COMPARATORS:
        raise Misshapen(codes.TIME_TEST.at(site.span(sign), f"`{sign.text}` does not work on a time", "compare it"))
    comparator = cast(ast.Comparator, sign.text)
    if is_token(right, "VARIABLE"):
        parameter = ast.Path(ast.VariableRoot(site.text(right)[1:]), (), site.span(right))
        return ast.Compare(ast.TimeValue(site.span(left)), comparator, parameter, site.span(node))
    if not isinstance(right, Token) or right.kind not in ("NUMBER", "SUFFIXED", "STRING"):
        raise Misshapen(codes.TIME_TEST.at(site.span(right), "`@t` is compared with a time only", TIME_HINT))
    value = build_value(right, site, _no_filters)
    assert isinstance(value, ast.Literal | ast.Suffixed)
    return time_test(comparator, value, site.span(node))


def _no_filters(part: Part, site: Site) -> ast.Term:
    raise AssertionError("a literal has no filter")


def time_test(comparator: ast.Comparator, value: ast.Value, span: Span) -> ast.TimeTest:
    """`@t` against a constant. Raises Misshapen if that is no time."""
    match value:
        case ast.Literal(value=int(seconds)) if not isinstance(seconds, bool):
            if seconds >= 0:
                return ast.TimeTest(comparator, float(seconds), relative=False, span=span)
            raise Misshapen(codes.TIME_TEST.at(value.span, "a time is not negative", TIME_HINT))
        case ast.Suffixed(text=text):
            relative = seconds_value(text)
            if relative is not None and relative >= 0:
                return ast.TimeTest(comparator, relative, relative=True, span=span)
        case _:
            pass
    raise Misshapen(_no_time(value))


def _no_time(value: ast.Value) -> Diagnostic:
    shown = value.span.text
    bare = value.value if isinstance(value, ast.Literal) and isinstance(value.value, str) else shown
    if (
        isinstance(value, ast.Literal)
        and isinstance(value.value, str)
        and (bare.isdigit() or seconds_value(bare) is not None)
    ):
        fix = Fix("remove the quotes", (Edit(value.span, bare),))
        return codes.TIME_TEST.at(value.span, "a time stands without quotes", f"write `{bare}`", fix=fix)
    lowered = shown.lower()
    if isinstance(value, ast.Suffixed) and lowered != shown and seconds_value(lowered) is not None:
        fix = Fix("write small letters", (Edit(value.span, lowered),))
        return codes.TIME_TEST.at(value.span, "units of time are small letters", f"did you mean `{lowered}`?", fix=fix)
    if isinstance(value, ast.Suffixed):
        return codes.TIME_TEST.at(value.span, f"`{shown}` is no time", "the units are `s`, `m` and `h`")
    return codes.TIME_TEST.at(value.span, f"`{shown}` is no time", TIME_HINT)


def _reversed(node: Node, site: Site) -> Diagnostic:
    left, sign, right = node.parts
    assert isinstance(sign, Token)
    turned = f"{site.text(right)} {MIRRORED.get(sign.text, sign.text)} {site.text(left)}"
    fix = Fix("turn it round", (Edit(site.span(node), turned),))
    return codes.TIME_TEST.at(site.span(node), "`@t` stands on the left", f"write `{turned}`", fix=fix)


def signed_seconds(value: ast.Value) -> float | None:
    """The seconds of `10m` or `-1h30m`, None for anything else."""
    return seconds_value(value.text) if isinstance(value, ast.Suffixed) else None


# ---- target ----------------------------------------------------------------------------------------------------------


def build_target_test(node: Node, site: Site, term: TermBuilder) -> ast.Term:
    left, sign, right = node.parts
    assert isinstance(sign, Token)
    if call_name(left) != "target":
        raise Misshapen(codes.TARGET_TEST.at(site.span(node), "`target` stands on the left"))
    if sign.text not in COMPARATORS:
        raise Misshapen(
            codes.TARGET_TEST.at(site.span(sign), f"`{sign.text}` does not work on a version", "compare it")
        )
    comparator = cast(ast.Comparator, sign.text)
    component = _component(left, site, term)
    value = build_value(right, site, term)
    if is_token(right, "VARIABLE"):
        call = ast.Call("target", (component,), site.span(left))
        return ast.Compare(call, comparator, value, site.span(node))
    return target_test(str(component.value), comparator, value, site.span(node))


def _component(call: Part, site: Site, term: TermBuilder) -> ast.Literal:
    arguments = call.parts[1] if isinstance(call, Node) else call
    values = [build_value(part, site, term) for part in arguments.parts] if isinstance(arguments, Node) else []
    first = values[0] if len(values) == 1 else None
    if isinstance(first, ast.Literal) and isinstance(first.value, str):
        return first
    raise Misshapen(
        codes.TARGET_TEST.at(site.span(call), "`target` takes the name of a component", 'such as `"kubernetes"`')
    )


_BARE_VERSION = re.compile(r"v[0-9]")


def target_test(component: str, comparator: ast.Comparator, value: ast.Value, span: Span) -> ast.TargetTest:
    """`target(component)` against a constant, whose digits count as written. Raises Misshapen if that is no version."""
    match value:
        case ast.Literal(value=str(text)):
            version = text
        case ast.Literal(value=int() | float()) | ast.Suffixed():
            version = value.span.text
        case _:
            hint = "put it in quotes" if _BARE_VERSION.match(value.span.text) else 'such as 1.25, or "1.25.3"'
            raise Misshapen(codes.TARGET_TEST.at(value.span, "a target is compared with a version", hint))
    if version_key(version) is None:
        raise Misshapen(codes.TARGET_TEST.at(value.span, f"`{version}` is no version", "such as 1.25, or 1.25.3"))
    return ast.TargetTest(component, comparator, version, span)
