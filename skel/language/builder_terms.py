"""Selectors: terms and what joins them."""

from __future__ import annotations

from typing import cast

from skel.language import ast, codes
from skel.language.builder_paths import build_path, is_path
from skel.language.builder_special import build_target_test, build_time_test
from skel.language.builder_values import build_value, call_name, is_value
from skel.language.diagnostic import Diagnostic, Edit, Fix, Safety
from skel.language.site import Misshapen, Site
from skel.language.text import Span
from skel.language.tree import Node, Part, Token, is_node, is_token


def path_of(part: Part, site: Site) -> ast.Path:
    """The path that must stand here; a lone string is one of a single key."""
    return build_path(part, site, term_of)


def value_of(part: Part, site: Site) -> ast.Value:
    return build_value(part, site, term_of)


def term_of(part: Part, site: Site) -> ast.Term:
    """The test that must stand here. Raises Misshapen if the part is none."""
    if is_token(part, "STAR"):
        return ast.Everything(site.span(part))
    if not isinstance(part, Node):
        raise Misshapen(_no_test(part, site))
    span = site.span(part)
    match part.name:
        case "disjunction":
            return ast.Or(tuple(term_of(term, site) for term in part.parts), span)
        case "conjunction":
            return ast.And(tuple(term_of(term, site) for term in part.parts), span)
        case "negation":
            return ast.Not(term_of(part.parts[0], site), span)
        case "group":
            return term_of(part.parts[0], site)
        case "bind":
            return _bind(part, site)
        case "comparison":
            return _comparison(part, site)
        case "assignment":
            raise Misshapen(_assignment(part, site))
        case "call" if call_name(part) == "exists":
            return _exists(part, site)
        case "call" if call_name(part) == "known":
            return _known(part, site)
        case _:
            raise Misshapen(_no_test(part, site))


def _bind(node: Node, site: Site) -> ast.Bind:
    name = node.parts[0]
    if not isinstance(name, Token) or name.kind != "VARIABLE":
        raise Misshapen(
            codes.MISPLACED_BIND.at(site.span(name), "only a variable can be bound", "such as `$x := path`")
        )
    path = path_of(node.parts[1], site)
    test = term_of(node.parts[2], site) if len(node.parts) > 2 else None
    return ast.Bind(ast.VariableRoot(name.text[1:]), path, test, site.span(node))


def _exists(node: Node, site: Site) -> ast.Exists:
    arguments = node.parts[1]
    assert isinstance(arguments, Node)
    if len(arguments.parts) != 1:
        raise Misshapen(codes.ARGUMENT_COUNT.at(site.span(node), "`exists` takes one path"))
    return ast.Exists(path_of(arguments.parts[0], site), site.span(node))


def _known(node: Node, site: Site) -> ast.Known:
    arguments = node.parts[1]
    assert isinstance(arguments, Node)
    if len(arguments.parts) != 2:
        usage = 'such as `known("Secret", podSpec.volumes[*].secret.secretName)`'
        raise Misshapen(codes.ARGUMENT_COUNT.at(site.span(node), "`known` takes a kind and the path of a name", usage))
    kind = value_of(arguments.parts[0], site)
    if not (isinstance(kind, ast.Literal) and isinstance(kind.value, str)):
        at = site.span(arguments.parts[0])
        raise Misshapen(codes.NOT_CONSTANT.at(at, "the kind must be a string", 'such as `"Secret"`'))
    return ast.Known(kind.value, path_of(arguments.parts[1], site), site.span(node))


# ---- comparisons -----------------------------------------------------------------------------------------------------


def _comparison(node: Node, site: Site) -> ast.Term:
    if len(node.parts) != 3:
        span = site.span(node.parts[3])
        raise Misshapen(codes.CHAINED_COMPARISON.at(span, "one comparison can't follow another", "join them with `&&`"))
    left, sign, right = node.parts
    assert isinstance(sign, Token)
    span = site.span(node)
    if is_token(left, "TIME") or is_token(right, "TIME"):
        return build_time_test(node, site)
    if call_name(left) == "target" or call_name(right) == "target":
        return build_target_test(node, site, term_of)
    match sign.text:
        case "in":
            return ast.In(value_of(left, site), value_of(right, site), span)
        case "=~" | "startswith" | "endswith" | "contains" as word:
            return ast.Text(value_of(left, site), word, value_of(right, site), span)
        case _:
            return ast.Compare(_left(left, site), cast(ast.Comparator, sign.text), value_of(right, site), span)


def _left(part: Part, site: Site) -> ast.Value:
    """On the left of a comparison a lone string is a path, as in the reference: `"kind" == "Pod"`."""
    return path_of(part, site) if is_token(part, "STRING") else value_of(part, site)


# ---- what is no test -------------------------------------------------------------------------------------------------


def _assignment(node: Node, site: Site) -> Diagnostic:
    left, right = node.parts
    between = site.source.text[left.end : right.start]
    # A comment between the two may hold a `=` of its own.
    at = left.end + between.rfind("=")
    span = Span(site.source, at, at + 1)
    if is_token(left, "VARIABLE"):
        fix = Fix("write `:=`", (Edit(span, ":="),))
        return codes.BIND_SIGN.at(span, f"`{site.text(left)}` is bound with `:=`", "write `:=`", fix=fix)
    fix = Fix("write `==`", (Edit(span, "=="),))
    return codes.ASSIGNMENT_IN_SELECTOR.at(span, "`=` assigns, and a selector compares", "write `==`", fix=fix)


def _no_test(part: Part, site: Site) -> Diagnostic:
    span = site.span(part)
    name = call_name(part)
    if name == "not":
        fix = Fix("write `!`", (Edit(Span(site.source, span.start, span.start + 3), "!"),))
        return codes.WORD_FOR_OPERATOR.at(span, "`not` is no operator", "write `!( ... )`", fix=fix)
    if name == "target":
        return codes.TARGET_TEST.at(span, "`target` must be compared", 'such as `target("kubernetes") >= 1.25`')
    if is_path(part) or is_token(part, "STRING"):
        fix = Fix("ask whether it exists", (Edit(span, f"exists({span.text})"),), Safety.UNSAFE)
        return codes.NOT_A_TEST.at(span, "a path alone is no test", f"did you mean `exists({_short(span)})`?", fix=fix)
    if is_node(part, "call", "access") and is_value(part):
        return codes.NOT_A_TEST.at(span, "a value alone is no test", "compare it with something")
    return codes.NOT_A_TEST.at(span, "this is no test", 'a selector such as `kind == "Pod"` must stand here')


def _short(span: Span) -> str:
    text = span.text
    return text if len(text) <= 40 and "\n" not in text else "..."
