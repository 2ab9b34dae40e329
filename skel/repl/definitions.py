"""`define`, `param` and `import` that were typed: they stay, and everything typed later may use them."""

from __future__ import annotations

from dataclasses import dataclass, field

from skel.language import ast
from skel.language.parser import parse
from skel.language.text import Source


@dataclass(frozen=True, slots=True)
class Parts:
    """A program text taken apart: its definitions by name, and the rest."""

    definitions: dict[str, str]
    rest: str


def take_apart(text: str) -> Parts:
    """Definitions by name (`name`, `$name`, `import "path"`); what can't be read counts as the rest."""
    definitions: dict[str, str] = {}
    rest = text
    for statement in reversed(parse(Source("<input>", text)).module.statements):
        name = _name(statement)
        if name is not None:
            definitions[name] = statement.span.text
            rest = rest[: statement.span.start] + rest[statement.span.end :]
    return Parts(dict(reversed(definitions.items())), rest.strip())


def _name(statement: ast.Statement) -> str | None:
    match statement:
        case ast.Define(name=name):
            return name
        case ast.Param(name=name):
            return f"${name}"
        case ast.Import(path=path):
            return f'import "{path}"'
        case _:
            return None


@dataclass(slots=True)
class Definitions:
    """Everything that was defined, the newest of each name."""

    texts: dict[str, str] = field(default_factory=dict)

    def without(self, names: dict[str, str]) -> str:
        """The definitions but those that are given anew, a text to be put behind another one."""
        return "".join(f"{text}\n" for name, text in self.texts.items() if name not in names)

    def __str__(self) -> str:
        return self.without({})
