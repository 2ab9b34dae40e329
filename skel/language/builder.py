"""Statements: from the tree of the grammar to `ast.Module`. What has no place in the language is reported and left
out.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Literal as OneOf

from skel.language import ast, codes
from skel.language.builder_commands import FORMS, build_command
from skel.language.builder_paths import build_string
from skel.language.builder_terms import term_of, value_of
from skel.language.diagnostic import Diagnostic, Edit, Fix
from skel.language.site import Misshapen, Site
from skel.language.text import Source
from skel.language.tree import Node, Part, Token

Where = OneOf["file", "rule", "define", "when"]

ALLOWED: dict[Where, tuple[str, ...]] = {
    "file": ("command", "when", "rule", "define", "import", "param"),
    "rule": ("command", "when", "metadata"),
    "define": ("command", "when"),
    "when": ("command", "when"),
}


NAMING = ("define", "import", "param")


@dataclass(frozen=True, slots=True)
class Built:
    """`lost_names` if a statement that defines names was left out."""

    module: ast.Module
    diagnostics: tuple[Diagnostic, ...]
    lost_names: bool


def build_module(root: Node, source: Source, damaged: tuple[int, ...]) -> Built:
    """The module of all sound statements. A statement around one of the `damaged` offsets was reported before."""
    builder = _Builder(Site(source), damaged)
    statements = builder.statements(root, "file")
    kept = tuple(statement for statement in statements if not isinstance(statement, ast.Metadata))
    module = ast.Module(kept, builder.site.span(root))
    return Built(module, tuple(builder.site.diagnostics), builder.lost_names)


class _Builder:
    def __init__(self, site: Site, damaged: tuple[int, ...]) -> None:
        self.site = site
        self.damaged = damaged
        self.lost_names = False

    def statements(self, parent: Node, where: Where) -> list[ast.Statement | ast.Metadata]:
        found = (self.statement(node, where) for node in parent.nodes())
        return [statement for statement in found if statement is not None]

    def commands(self, block: Part, where: Where) -> tuple[ast.Command, ...]:
        assert isinstance(block, Node)
        kinds = ast.Rule | ast.Define | ast.Import | ast.Param | ast.Metadata
        return tuple(command for command in self.statements(block, where) if not isinstance(command, kinds))

    def statement(self, node: Node, where: Where) -> ast.Statement | ast.Metadata | None:
        """The statement, or None if it is damaged, misplaced or misshapen."""
        if node.name not in ALLOWED[where]:
            self._misplaced(node, where)
            return None
        block = node.parts[-1]
        head = block.start if isinstance(block, Node) and block.name == "block" else node.end
        if self._is_damaged(node.start, head):
            self.lost_names |= node.name in NAMING
            if head != node.end and isinstance(block, Node):
                self.statements(block, "rule" if node.name == "rule" else "when")
            return None
        try:
            return self._build(node)
        except Misshapen as misshapen:
            self.site.report(misshapen.diagnostic)
            self.lost_names |= node.name in NAMING
            return None

    def _is_damaged(self, start: int, end: int) -> bool:
        at = bisect_left(self.damaged, start)
        return at < len(self.damaged) and self.damaged[at] < end

    def _build(self, node: Node) -> ast.Statement | ast.Metadata | None:
        match node.name:
            case "command":
                return build_command(node, self.site)
            case "when":
                return self._when(node)
            case "rule":
                return self._rule(node)
            case "define":
                return self._define(node)
            case "import":
                return ast.Import(build_string(_token(node, 1), self.site), self.site.span(node))
            case "param":
                return self._param(node)
            case _:
                return self._metadata(node)

    def _when(self, node: Node) -> ast.When | None:
        _, selector, block = node.parts
        # The body is read first: its errors count even if the selector is wrong.
        commands = self.commands(block, "when")
        if node.parts[0].start == node.parts[0].end:
            return None  # its head was lost, see driver.py
        return ast.When(term_of(selector, self.site), commands, self.site.span(node))

    def _rule(self, node: Node) -> ast.Rule:
        block = node.parts[2]
        assert isinstance(block, Node)
        inside = self.statements(block, "rule")
        metadata = tuple(item for item in inside if isinstance(item, ast.Metadata))
        commands = tuple(
            item
            for item in inside
            if not isinstance(item, ast.Rule | ast.Define | ast.Import | ast.Param | ast.Metadata)
        )
        return ast.Rule(build_string(_token(node, 1), self.site), metadata, commands, self.site.span(node))

    def _define(self, node: Node) -> ast.Define:
        parameters = node.parts[2]
        assert isinstance(parameters, Node)
        commands = self.commands(node.parts[3], "define")
        names = tuple(part.text[1:] for part in parameters.parts if isinstance(part, Token))
        return ast.Define(_token(node, 1).text, names, commands, self.site.span(node))

    def _param(self, node: Node) -> ast.Param:
        default = value_of(node.parts[2], self.site) if len(node.parts) > 2 else None
        return ast.Param(_token(node, 1).text[1:], default, self.site.span(node))

    def _metadata(self, node: Node) -> ast.Metadata:
        key, value = _token(node, 0), _token(node, 1)
        span = self.site.span(value)
        if key.text in FORMS:
            hint = f"write `{FORMS[key.text].usage}`"
            raise Misshapen(codes.ARGUMENTS.at(span, "arguments stand in parentheses", hint))
        if value.kind != "STRING":
            fix = Fix("put it in quotes", (Edit(span, f'"{value.text}"'),))
            raise Misshapen(codes.RULE_METADATA.at(span, f"`{key.text}` needs a string", "put it in quotes", fix=fix))
        return ast.Metadata(key.text, build_string(value, self.site), self.site.span(node))

    def _misplaced(self, node: Node, where: Where) -> None:
        span = self.site.span(node)
        if node.name == "stray":
            fix = Fix("remove it", (Edit(span, ""),))
            self.site.report(codes.LONE_SEMICOLON.at(span, "this `;` ends nothing", "remove it", fix=fix))
            return
        first = node.parts[0]
        name = first.text if isinstance(first, Token) else node.name
        at = self.site.span(first)
        if node.name == "metadata" and name in FORMS:
            hint = f"write `{FORMS[name].usage}`"
            self.site.report(codes.ARGUMENTS.at(at, "arguments stand in parentheses", hint))
            return
        place = "in a `rule`" if node.name == "metadata" else "at the top of a file"
        message = f"`{name}` can't stand {'here' if where == 'file' else f'in a `{where}`'}"
        self.site.report(codes.MISPLACED_STATEMENT.at(at, message, f"it belongs {place}"))


def _token(node: Node, number: int) -> Token:
    part = node.parts[number]
    assert isinstance(part, Token)
    return part
