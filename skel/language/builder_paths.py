"""Paths: from tokens and steps to `ast.Path`."""

from __future__ import annotations

from collections.abc import Callable
from types import MappingProxyType

from skel.language import ast, codes
from skel.language.diagnostic import Diagnostic, Edit, Fix
from skel.language.literals import BadLiteral, string_value
from skel.language.site import Misshapen, Site
from skel.language.text import Span
from skel.language.tree import Node, Part, Token, is_node, is_token

ROOTS = ("NAME", "STRING", "VARIABLE", "ITEM", "DEEP")
POD_ROOTS = MappingProxyType({"podSpec": ast.PodRoot(template=False), "podTemplate": ast.PodRoot(template=True)})
WORDS = ("true", "false", "null")
LARGEST_INDEX = 2**31 - 1

TermBuilder = Callable[[Part, Site], ast.Term]


def is_path(part: Part) -> bool:
    """Whether the part is written like a path. A lone string is not: it is one only where a path must stand."""
    if is_node(part, "access"):
        assert isinstance(part, Node)
        return is_token(part.parts[0], *ROOTS)
    return is_token(part, *ROOTS) and not is_token(part, "STRING") and not is_word(part)


def is_word(part: Part) -> bool:
    """`true`, `false` in any case of letters, and `null`."""
    return (
        is_token(part, "NAME") and isinstance(part, Token) and (part.text.lower() in WORDS[:2] or part.text == "null")
    )


def build_path(part: Part, site: Site, term: TermBuilder) -> ast.Path:
    """The path; `term` builds the tests of filters. Raises Misshapen if the part is none."""
    first, steps = (part.parts[0], part.parts[1:]) if isinstance(part, Node) and part.name == "access" else (part, [])
    if not isinstance(first, Token) or first.kind not in ROOTS or (not steps and is_word(first)):
        raise Misshapen(_no_path(part, site))
    root, built = _root(first, site)
    end = first.end
    for step in steps:
        if step.start != end:
            raise Misshapen(_blank(end, step, site))
        built.append(_step(step, site, term))
        end = step.end
    return ast.Path(root, tuple(built), site.span(part))


def _no_path(part: Part, site: Site) -> Diagnostic:
    shown = site.text(part)
    if is_token(part, "STAR"):
        return codes.NOT_A_PATH.at(site.span(part), "`*` is no path", "write the path of a field")
    if is_word(part):
        return codes.NOT_A_PATH.at(site.span(part), f"`{shown}` is a literal", f'a field of that name is `"{shown}"`')
    if is_node(part, "access") and is_token(part.parts[0] if isinstance(part, Node) else part, "STAR"):
        return codes.BAD_STEP.at(site.span(part), "a path can't begin with `*`", "any depth is `**`, any key `.*`")
    return codes.NOT_A_PATH.at(site.span(part), "this is no path", "a path such as `spec.replicas` must stand here")


def _blank(end: int, step: Part, site: Site) -> Diagnostic:
    gap = Span(site.source, end, step.start)
    fix = Fix("remove the blank", (Edit(gap, ""),)) if not gap.text.strip(" \t\r\n") else None
    return codes.BLANK_IN_PATH.at(gap, "a path has no blanks inside", "remove the blank", fix=fix)


def _root(token: Token, site: Site) -> tuple[ast.Root, list[ast.Step]]:
    span = site.span(token)
    match token.kind:
        case "NAME" if token.text in POD_ROOTS:
            return POD_ROOTS[token.text], []
        case "NAME":
            return ast.ObjectRoot(), [ast.Key(token.text, span)]
        case "STRING":
            return ast.ObjectRoot(), [ast.Key(build_string(token, site), span, quoted=True)]
        case "VARIABLE":
            return ast.VariableRoot(token.text[1:]), []
        case "ITEM":
            return ast.ItemRoot(), []
        case _:
            return ast.ObjectRoot(), [ast.Deep(span)]


def build_string(token: Token, site: Site) -> str:
    try:
        return string_value(token.text)
    except BadLiteral as bad:
        end = token.end if bad.end is None else token.start + bad.end
        span = Span(site.source, token.start + bad.start, end)
        raise Misshapen(codes.ESCAPE.at(span, bad.message, bad.hint)) from None


def _step(step: Part, site: Site, term: TermBuilder) -> ast.Step:
    span = site.span(step)
    if isinstance(step, Node):
        return _bracket(step, site, term)
    match step.kind:
        case "DOT_KEY":
            return ast.Key(step.text[1:], Span(site.source, step.start + 1, step.end))
        case "DOT_STAR":
            return ast.AnyKey(span)
        case _:
            return ast.Deep(span)


def _bracket(step: Node, site: Site, term: TermBuilder) -> ast.Step:
    span = site.span(step)
    inner = next(part for part in step.parts if not is_token(part, "DOT"))
    if step.name == "filter":
        return ast.Filter(term(inner, site), span)
    assert isinstance(inner, Token)
    match inner.kind:
        case "STRING":
            return ast.Key(build_string(inner, site), span if step.name == "bracket" else site.span(inner), quoted=True)
        case "VARIABLE":
            return ast.NamedKey(inner.text[1:], span)
        case "STAR":
            return ast.Each(span)
        case _:
            return ast.Index(_index(inner, site), span)


def _index(token: Token, site: Site) -> int:
    digits = token.text.removeprefix("-")
    if not digits.isdigit():
        raise Misshapen(codes.BAD_STEP.at(site.span(token), "an index is a whole number"))
    if len(digits.lstrip("0")) > 10 or int(digits) > LARGEST_INDEX:
        raise Misshapen(codes.BAD_STEP.at(site.span(token), "no array is so long", f"at most {LARGEST_INDEX}"))
    return int(token.text)
