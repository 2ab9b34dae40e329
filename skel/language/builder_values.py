"""Values: literals, lists, maps, calls, paths."""

from __future__ import annotations

from skel.language import ast, codes
from skel.language.builder_paths import TermBuilder, build_path, build_string, is_path, is_word
from skel.language.literals import BadLiteral, number_value
from skel.language.site import Misshapen, Site
from skel.language.tree import Node, Part, Token, is_node, is_token

TEST_NODES = ("disjunction", "conjunction", "negation", "comparison", "bind", "assignment")
TEST_CALLS = ("exists", "known", "target")


def is_value(part: Part) -> bool:
    """Whether the part could stand where a value must."""
    if is_node(part, "group") and isinstance(part, Node):
        return is_value(part.parts[0])
    return not is_node(part, *TEST_NODES) and not is_token(part, "STAR") and call_name(part) not in TEST_CALLS


def call_name(part: Part) -> str:
    """The function of a call, "" for anything else."""
    if is_node(part, "call") and isinstance(part, Node) and isinstance(part.parts[0], Token):
        return part.parts[0].text
    return ""


def build_value(part: Part, site: Site, term: TermBuilder) -> ast.Value:
    """The value; `term` builds the tests of filters in paths. Raises Misshapen if the part is none."""
    if isinstance(part, Token):
        return _token(part, site, term)
    match part.name:
        case "list":
            return ast.ListValue(tuple(build_value(item, site, term) for item in part.parts), site.span(part))
        case "map":
            return _map(part, site, term)
        case "call" if is_value(part):
            return _call(part, site, term)
        case "group":
            return build_value(part.parts[0], site, term)
        case "access" if is_path(part):
            return build_path(part, site, term)
        case "access":
            return _field(part, site, term)
        case _:
            raise Misshapen(codes.NOT_A_VALUE.at(site.span(part), "this is a test", "a value must stand here"))


def _token(token: Token, site: Site, term: TermBuilder) -> ast.Value:
    span = site.span(token)
    match token.kind:
        case "STRING":
            return ast.Literal(build_string(token, site), span)
        case "NUMBER":
            return ast.Literal(build_number(token, site), span)
        case "SUFFIXED":
            return ast.Suffixed(token.text, span)
        case "TIME":
            return ast.TimeValue(span)
        case "NAME" if is_word(token):
            return ast.Literal({"true": True, "false": False}.get(token.text.lower()), span)
        case "STAR":
            raise Misshapen(codes.NOT_A_VALUE.at(span, "`*` is no value"))
        case _:
            return build_path(token, site, term)


def build_number(token: Token, site: Site) -> int | float:
    try:
        return number_value(token.text)
    except BadLiteral as bad:
        raise Misshapen(codes.NUMBER.at(site.span(token), bad.message, bad.hint)) from None


def _map(node: Node, site: Site, term: TermBuilder) -> ast.MapValue:
    entries: dict[str, ast.Value] = {}
    for entry in node.nodes():
        name = entry.parts[0]
        assert isinstance(name, Token)
        if name.kind in ("NUMBER", "VARIABLE"):
            hint = "put it in quotes" if name.kind == "NUMBER" else "a key of a map is a name or a string"
            raise Misshapen(codes.NOT_A_VALUE.at(site.span(name), f"`{name.text}` is no key", hint))
        key = build_string(name, site) if name.kind == "STRING" else name.text
        if key in entries:
            site.report(codes.REPEATED_KEY.at(site.span(name), f"the key `{key}` stands twice in this map"))
        entries[key] = build_value(entry.parts[1], site, term)
    return ast.MapValue(tuple(entries.items()), site.span(node))


def _call(node: Node, site: Site, term: TermBuilder) -> ast.Call:
    name, arguments = node.parts
    assert isinstance(name, Token)
    assert isinstance(arguments, Node)
    values = tuple(build_value(argument, site, term) for argument in arguments.parts)
    return ast.Call(name.text, values, site.span(node))


def _field(node: Node, site: Site, term: TermBuilder) -> ast.Value:
    """`image(p).tag`: one key, right behind a call."""
    first, *steps = node.parts
    if not is_node(first, "call") or not is_value(first):
        raise Misshapen(
            codes.BAD_STEP.at(site.span(steps[0]), "a field can't follow this", "only a path or a function has fields")
        )
    step = steps[0]
    if len(steps) > 1 or not isinstance(step, Token) or step.kind != "DOT_KEY":
        raise Misshapen(codes.BAD_STEP.at(site.span(steps[-1]), "a function has fields of one name only"))
    if step.start != first.end:
        raise Misshapen(codes.BLANK_IN_PATH.at(site.span(step), "a field has no blank before it"))
    assert isinstance(first, Node)
    call = _call(first, site, term)
    return ast.Call(call.function, call.arguments, site.span(node), step.text[1:])
