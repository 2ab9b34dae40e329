"""SK160 not-in-reference: the reference tool does not accept this.

Only with `--strict-reference`, for programs that both tools must run. The reference knows `modify`, `remove` and
`delete`; selectors joined by `&&`; `==` and `!=` between a field and a whole number, a text, a boolean or another
field; `exists`; the time; and variables with a test. What it accepts and then fails on counts as well.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Severity
from skel.language.syntax import parse_syntax
from skel.language.text import Source, Span
from skel.language.tree import Node, Part, Token, is_node, is_token
from skel.lint.file import File
from skel.lint.rule import Bad, Found

CODE, NAME = Code("SK160", Severity.WARNING), "not-in-reference"
OK = (
    'modify(kind == "CronJob" && apiVersion == "batch/v1beta1", apiVersion = "batch/v1");',
    "remove($v := spec.volumes[*] | exists($v.secret), $v);",
    'delete(@t >= 10m && !exists(spec) && metadata.labels."a/b" != "c");',
)
BAD = (
    Bad('delete(kind == "Pod" || kind == "Job");', at='kind == "Pod" || kind == "Job"', strict_reference=True),
    Bad("remove(podSpec.volumes);", at="podSpec", strict_reference=True),
    Bad('rule "a" { remove(status); }', at="rule", strict_reference=True),
    Bad("delete(spec.replicas > 3);", at=">", strict_reference=True),
    Bad('append(spec.list, "a");', at="append", strict_reference=True),
    Bad("modify(spec.containers[*].tty = true);", at="[*]", strict_reference=True),
    Bad("remove(spec.a['b']);", at="['b']", strict_reference=True),
    Bad("modify(spec.a = null);", at="null", strict_reference=True),
)

COMMANDS = frozenset({"modify", "remove", "delete"})
BLOCKS = frozenset({"when", "rule", "define", "import", "param"})
_NODES = MappingProxyType(
    {
        "disjunction": "`||` is not in the reference",
        "group": "parentheses are not in the reference",
        "list": "lists are not in the reference",
        "map": "maps are not in the reference",
        "filter": "filters are not in the reference",
    }
)
_TOKENS = MappingProxyType(
    {
        "DEEP": "`**` is not in the reference",
        "DOT_DEEP": "`**` is not in the reference",
        "DOT_STAR": "`.*` is not in the reference",
        "IN": "`in` is not in the reference",
        "CONTAINS": "`contains` is not in the reference",
        "STARTSWITH": "`startswith` is not in the reference",
        "ENDSWITH": "`endswith` is not in the reference",
        "ITEM": "`@` is not in the reference",
    }
)
_ONE_UNIT = re.compile(r"[0-9]{2,}|[0-9]+[smh]")
_KEY = re.compile(r'"[A-Za-z0-9._/-]+"')
_BLANKS = frozenset(" \t\r\n#")
LARGEST = 2**63 - 1


def check(file: File) -> Found:
    if file.setting.strict_reference:
        if file.source.text.startswith("\ufeff"):
            mark = Span(file.source, 0, 1)
            yield CODE.at(mark, "the reference can't read a byte order mark", "save the file without it")
        yield from _Reading(file.source).node(parse_syntax(file.source).root)


@dataclass(frozen=True, slots=True)
class _Reading:
    source: Source

    def at(self, part: Part, message: str, hint: str = "the reference refuses this") -> Diagnostic:
        return CODE.at(Span(self.source, part.start, part.end), message, hint)

    def part(self, part: Part) -> Iterator[Diagnostic]:
        if isinstance(part, Node):
            yield from self.node(part)
        elif (found := self.token(part)) is not None:
            yield found

    def node(self, node: Node) -> Iterator[Diagnostic]:
        if node.name in _NODES:
            yield self.at(node, _NODES[node.name])
            return
        if node.name in BLOCKS:
            yield self.at(node.parts[0], f"`{node.name}` is not in the reference")
            return
        own = _CHECKS.get(node.name)
        if own is not None:
            yield from own(self, node)
            return
        for part in node.parts:
            yield from self.part(part)

    def parts(self, node: Node) -> Iterator[Diagnostic]:
        for part in node.parts:
            yield from self.part(part)

    def command(self, node: Node) -> Iterator[Diagnostic]:
        name, arguments = node.parts[0], node.parts[1]
        assert isinstance(name, Token)
        if name.text not in COMMANDS:
            yield self.at(name, f"`{name.text}` is not in the reference")
            return
        assert isinstance(arguments, Node)
        yield from self.parts(arguments)

    def assignment(self, node: Node) -> Iterator[Diagnostic]:
        target = node.parts[0]
        for step in target.nodes() if isinstance(target, Node) else ():
            if is_node(step, "bracket") and is_token(step.parts[0], "STAR"):
                yield self.at(step, "the reference can't write to `[*]`", "it fails when it runs")
        yield from self.parts(node)

    def negation(self, node: Node) -> Iterator[Diagnostic]:
        inner = node.parts[0]
        if isinstance(inner, Node) and inner.name == "call":
            yield from self.call(inner)
        else:
            yield self.at(node, "`!` stands only before `exists` in the reference")

    def call(self, node: Node) -> Iterator[Diagnostic]:
        name, arguments = node.parts[0], node.parts[1]
        assert isinstance(name, Token)
        if name.text != "exists":
            yield self.at(name, f"`{name.text}(...)` is not in the reference")
        elif isinstance(arguments, Node):
            yield from self.parts(arguments)

    def bind(self, node: Node) -> Iterator[Diagnostic]:
        path = node.parts[1]
        if len(node.parts) < 3:
            yield self.at(node, "a variable without a test is not in the reference")
        first = path.parts[0] if isinstance(path, Node) else path
        if is_token(first, "VARIABLE"):
            yield self.at(first, "a variable can't be bound to a place of another one in the reference")
        yield from self.parts(node)

    def bracket(self, node: Node) -> Iterator[Diagnostic]:
        inner = node.parts[0]
        is_index = isinstance(inner, Token) and inner.kind == "NUMBER" and inner.text.isdecimal()
        if not is_index and not is_token(inner, "STAR"):
            yield self.at(node, "only `[N]` and `[*]` stand in brackets in the reference")

    def quoted(self, node: Node) -> Iterator[Diagnostic]:
        key = node.parts[-1]
        if isinstance(key, Token) and not _KEY.fullmatch(key.text):
            yield self.at(node, "a quoted key holds letters, digits and `. _ / -` in the reference")

    def comparison(self, node: Node) -> Iterator[Diagnostic]:
        is_time = any(is_token(part, "TIME") for part in node.parts)
        for part in node.parts:
            if is_time and isinstance(part, Token) and _ONE_UNIT.fullmatch(part.text):
                continue
            if is_token(part, "OPERATOR") and isinstance(part, Token):
                yield from self.operator(part, is_time=is_time)
            else:
                yield from self.part(part)

    def operator(self, token: Token, *, is_time: bool) -> Iterator[Diagnostic]:
        if token.text in {"!==", "=~"}:
            yield self.at(token, f"`{token.text}` is not in the reference")
        elif token.text not in {"==", "!="} and not is_time:
            yield self.at(token, f"the reference can't compare fields with `{token.text}`", "it fails when it runs")

    def token(self, token: Token) -> Diagnostic | None:
        if token.kind in _TOKENS:
            return self.at(token, _TOKENS[token.kind])
        match token.kind:
            case "SUFFIXED":
                return self.at(token, "a number with a unit stands only beside `@t` in the reference")
            case "NUMBER" if len(token.text) == 1 and self.source.text[token.end : token.end + 1] in _BLANKS:
                return self.at(token, "the reference can't read one digit before a blank", "it fails at once")
            case "NUMBER" if not token.text.isdecimal() or int(token.text) > LARGEST:
                return self.at(token, "numbers are whole and not negative in the reference")
            case "STRING" if token.text.startswith("'"):
                return self.at(token, "strings stand in double quotes in the reference")
            case "STRING" if '"' in token.text[1:-1] or "#" in token.text:
                return self.at(token, "the reference ends this string too early")
            case "NAME" if token.text == "null":
                return self.at(token, "`null` is the path of a field in the reference", "it means another thing there")
            case "NAME" if token.text in {"podSpec", "podTemplate"}:
                message = f"`{token.text}` is the path of a field in the reference"
                return self.at(token, message, "it means another thing there")
            case _:
                return None


_CHECKS = MappingProxyType(
    {
        "command": _Reading.command,
        "assignment": _Reading.assignment,
        "negation": _Reading.negation,
        "call": _Reading.call,
        "bind": _Reading.bind,
        "bracket": _Reading.bracket,
        "quoted": _Reading.quoted,
        "comparison": _Reading.comparison,
    }
)
