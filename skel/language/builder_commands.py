"""Commands: a name and any arguments become one of the forms of `ast.Command`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from skel.language import ast, codes
from skel.language.builder_paths import build_string
from skel.language.builder_special import TIME_HINT, signed_seconds
from skel.language.builder_terms import path_of, term_of, value_of
from skel.language.builder_values import is_value
from skel.language.diagnostic import Diagnostic, Edit, Fix
from skel.language.nearest import nearest
from skel.language.site import Misshapen, Site
from skel.language.text import Span
from skel.language.tree import Node, Part, Token, is_node, is_token


@dataclass(frozen=True, slots=True)
class Call:
    """A command as written: its selector, and the arguments behind it."""

    selector: ast.Term
    arguments: list[Part]
    span: Span
    site: Site

    def path(self, number: int) -> ast.Path:
        return path_of(self.arguments[number], self.site)

    def value(self, number: int) -> ast.Value:
        return value_of(self.arguments[number], self.site)

    def text(self, number: int) -> str:
        """A message: people must be able to read it before any run."""
        part = self.arguments[number]
        if isinstance(part, Token) and part.kind == "STRING":
            return build_string(part, self.site)
        raise Misshapen(codes.ARGUMENTS.at(self.site.span(part), "the message must be a string"))


@dataclass(frozen=True, slots=True)
class Form:
    """`size` arguments, behind an optional selector if it `selects`; `usage` shows them."""

    usage: str
    size: int
    build: Callable[[Call], ast.Command]
    selects: bool = True


def build_command(node: Node, site: Site) -> ast.Command:
    """One command, or the use of a definition. Raises Misshapen."""
    name, arguments = node.parts
    assert isinstance(name, Token)
    assert isinstance(arguments, Node)
    form = FORMS.get(name.text)
    if form is None:
        return _use(name, arguments.parts, node, site)
    given = arguments.parts
    if not form.size <= len(given) <= form.size + form.selects:
        raise Misshapen(_wrong_count(name, given, form, site))
    if len(given) == form.size:
        return form.build(Call(ast.Everything(site.span(name)), given, site.span(node), site))
    return form.build(Call(term_of(given[0], site), given[1:], site.span(node), site))


def _wrong_count(name: Token, given: list[Part], form: Form, site: Site) -> Diagnostic:
    few = len(given) < form.size
    span = site.span(name if few else given[-1])
    message = f"`{name.text}` has too {'few' if few else 'many'} arguments"
    return codes.ARGUMENTS.at(span, message, f"write `{form.usage}`")


# ---- commands on an object -------------------------------------------------------------------------------------------


def _remove(call: Call) -> ast.Command:
    only = call.arguments[0]
    if is_token(only, "STAR") or is_node(only, "comparison", "conjunction", "disjunction", "negation"):
        hint = "to take the whole object away, use `delete`"
        raise Misshapen(codes.NOT_A_PATH.at(call.site.span(only), "`remove` needs the path that goes", hint))
    return ast.Remove(call.selector, call.path(0), call.span)


def _modify(call: Call) -> ast.Command:
    path, value = _assigned(call)
    return ast.Modify(call.selector, path, value, call.span)


def _default(call: Call) -> ast.Command:
    path, value = _assigned(call)
    return ast.Modify(call.selector, path, value, call.span, only_absent=True)


def _assigned(call: Call) -> tuple[ast.Path, ast.Value]:
    """`path = value`."""
    part, site = call.arguments[0], call.site
    if isinstance(part, Node) and part.name == "assignment":
        return path_of(part.parts[0], site), value_of(part.parts[1], site)
    if isinstance(part, Node) and part.name == "comparison" and is_token(part.parts[1], "OPERATOR"):
        sign = part.parts[1]
        assert isinstance(sign, Token)
        if sign.text == "==" and len(part.parts) == 3:
            fix = Fix("write `=`", (Edit(site.span(sign), "="),))
            notes = ("the last argument is the assignment, a selector stands before it",)
            raise Misshapen(
                codes.COMPARISON_IN_ASSIGNMENT.at(
                    site.span(sign), "`==` compares, and this must assign", "write `=`", notes=notes, fix=fix
                )
            )
    raise Misshapen(codes.ARGUMENTS.at(site.span(part), "nothing is assigned here", "write `path = value`"))


def _require(call: Call) -> ast.Command:
    return ast.Require(call.selector, term_of(call.arguments[0], call.site), call.text(1), call.span)


# ---- commands on the trace -------------------------------------------------------------------------------------------


def _insert(call: Call) -> ast.Command:
    value, new = call.value(0), call.value(1)
    if not isinstance(new, ast.MapValue):
        raise Misshapen(codes.ARGUMENTS.at(new.span, "`insert` needs an object", 'a map such as `{"kind": "Pod"}`'))
    if isinstance(value, ast.Literal) and type(value.value) is int and value.value >= 0:
        return ast.Insert(float(value.value), relative=False, object=new, span=call.span)
    seconds = signed_seconds(value)
    if seconds is None or seconds < 0:
        raise Misshapen(codes.TIME_TEST.at(value.span, f"`{value.span.text}` is no time", TIME_HINT))
    return ast.Insert(seconds, relative=True, object=new, span=call.span)


def _drop(call: Call) -> ast.Command:
    return ast.Drop(term_of(call.arguments[0], call.site), call.span)


def _shift(call: Call) -> ast.Command:
    value = call.value(0)
    seconds = signed_seconds(value)
    if seconds is None:
        raise Misshapen(codes.TRACE_COMMAND.at(value.span, "`shift` needs a time", "such as `10m` or `-1h30m`"))
    return ast.Shift(seconds, call.span)


def _scale(call: Call) -> ast.Command:
    value = call.value(0)
    factor = value.value if isinstance(value, ast.Literal) else None
    if isinstance(factor, bool) or not isinstance(factor, int | float) or factor <= 0:
        raise Misshapen(codes.TRACE_COMMAND.at(value.span, "`scale` needs a number above 0", "such as `2.0` or `0.5`"))
    return ast.Scale(float(factor), call.span)


FORMS: MappingProxyType[str, Form] = MappingProxyType(
    {
        "append": Form(
            "append(selector, path, value)", 2, lambda c: ast.Append(c.selector, c.path(0), c.value(1), c.span)
        ),
        "clone": Form("clone(selector, count)", 1, lambda c: ast.Clone(c.selector, c.value(0), c.span)),
        "copy": Form(
            "copy(selector, from, to)", 2, lambda c: ast.Transfer(c.selector, c.path(0), c.path(1), True, c.span)
        ),
        "default": Form("default(selector, path = value)", 1, _default),
        "delete": Form(
            "delete(selector)", 1, lambda c: ast.Delete(term_of(c.arguments[0], c.site), c.span), selects=False
        ),
        "deny": Form('deny(selector, "message")', 1, lambda c: ast.Deny(c.selector, c.text(0), c.span)),
        "drop": Form("drop(@t >= 10m)", 1, _drop, selects=False),
        "insert": Form("insert(time, {...})", 2, _insert, selects=False),
        "merge": Form(
            "merge(selector, path, {...})", 2, lambda c: ast.Merge(c.selector, c.path(0), c.value(1), c.span)
        ),
        "modify": Form("modify(selector, path = value)", 1, _modify),
        "move": Form(
            "move(selector, from, to)", 2, lambda c: ast.Transfer(c.selector, c.path(0), c.path(1), False, c.span)
        ),
        "rekey": Form(
            'rekey(selector, path, "old", "new")',
            3,
            lambda c: ast.Rekey(c.selector, c.path(0), c.value(1), c.value(2), c.span),
        ),
        "remove": Form("remove(selector, path)", 1, _remove),
        "rename": Form(
            'rename(selector, path, "key")', 2, lambda c: ast.Rename(c.selector, c.path(0), c.value(1), c.span)
        ),
        "replace": Form(
            'replace(selector, path, "regex", "text")',
            3,
            lambda c: ast.Replace(c.selector, c.path(0), c.value(1), c.value(2), c.span),
        ),
        "require": Form('require(selector, condition, "message")', 2, _require),
        "scale": Form("scale(2.0)", 1, _scale, selects=False),
        "shift": Form("shift(10m)", 1, _shift, selects=False),
    }
)

# ---- definitions -----------------------------------------------------------------------------------------------------


def _use(name: Token, arguments: list[Part], node: Node, site: Site) -> ast.Use:
    odd = next((part for part in arguments if not is_value(part)), None)
    if odd is None:
        return ast.Use(name.text, tuple(value_of(part, site) for part in arguments), site.span(node))
    if (near := nearest(name.text, FORMS)) is not None:
        raise Misshapen(unknown_command(name.text, site.span(name), near))
    raise Misshapen(codes.NOT_A_VALUE.at(site.span(odd), "an argument of a definition is a value or a path"))


def unknown_command(name: str, span: Span, near: str | None) -> Diagnostic:
    """`span` is the name alone."""
    if name.lower() in FORMS:
        small = Fix("write it in small letters", (Edit(span, name.lower()),))
        hint = f"write `{name.lower()}`"
        return codes.UNKNOWN_COMMAND.at(span, "commands are written in small letters", hint, fix=small)
    fix = Fix(f"write `{near}`", (Edit(span, near),)) if near is not None else None
    hint = f"did you mean `{near}`?" if near is not None else "no command and no definition has this name"
    return codes.UNKNOWN_COMMAND.at(span, f"`{name}` is not known", hint, fix=fix)
