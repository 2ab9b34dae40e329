"""The parse tables: made by lark from `grammar/skel.lark`, kept as plain data in `data/tables.json`.

lark takes longer to import and to build its parser than most programs take to run, so it is asked only where the
grammar is newer than the tables. They are data, never code: reading them can run nothing.

`python -m skel.language.tables --write` makes the file again, without `--write` it says whether it is up to date.
"""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from skel import resources

FILE = Path(__file__).resolve().parent / "data" / "tables.json"


@dataclass(frozen=True, slots=True)
class Production:
    """`name: ...` of `size` symbols. `kept` says for each whether it shows in the tree; a `spliced` one is no node
    itself.

    `passes` if it stands for its only symbol, when it has just one left.
    """

    name: str
    size: int
    kept: tuple[bool, ...]
    spliced: bool
    passes: bool


@dataclass(frozen=True, slots=True)
class Tables:
    """`states[state][symbol]` is the next state, or `-1 - n` to reduce by production n."""

    digest: str
    terminals: tuple[tuple[str, str], ...]
    keywords: dict[str, str]
    ignored: tuple[str, ...]
    productions: tuple[Production, ...]
    states: tuple[dict[str, int], ...]
    start: int
    end: int


@cache
def load() -> Tables:
    """The tables of this grammar, from the file or, if that is older than the grammar, from lark."""
    source = resources.grammar().read_bytes()
    digest = hashlib.sha256(source).hexdigest()
    try:
        stored = json.loads(FILE.read_bytes())
    except (OSError, ValueError):
        stored = {}
    if isinstance(stored, dict) and stored.get("digest") == digest:
        return _from_json(stored)
    return build(source.decode(), digest)


def _from_json(stored: dict[str, Any]) -> Tables:
    return Tables(
        digest=stored["digest"],
        terminals=tuple(map(tuple, stored["terminals"])),
        keywords=stored["keywords"],
        ignored=tuple(stored["ignored"]),
        productions=tuple(
            Production(name, size, tuple(kept), spliced, passes)
            for name, size, kept, spliced, passes in stored["productions"]
        ),
        states=tuple(stored["states"]),
        start=stored["start"],
        end=stored["end"],
    )


def build(grammar: str, digest: str) -> Tables:
    """Let lark make the tables. Raises lark.exceptions.GrammarError for a grammar that is none, or not LALR(1)."""
    import lark
    from lark.parsers.lalr_analysis import Shift

    parser = lark.Lark(grammar, parser="lalr", lexer="contextual", maybe_placeholders=False)
    table = parser.parser.parser._parse_table  # noqa: SLF001 - lark has no public name for it
    # lark numbers the states by the order of a set; the file must not change when the grammar does not.
    order = _breadth_first(table, Shift)
    number = {production: index for index, production in enumerate(parser.rules)}
    names = {terminal.name for terminal in parser.terminals}
    keywords = {t.pattern.value: t.name for t in parser.terminals if t.pattern.value.isalpha()}
    return Tables(
        digest=digest,
        terminals=tuple(
            (t.name, t.pattern.to_regexp())
            for t in sorted(parser.terminals, key=_lexer_order)
            if t.name not in keywords.values()
        ),
        keywords=keywords,
        ignored=tuple(name for name in parser.ignore_tokens if name in names),
        productions=tuple(map(_production, parser.rules)),
        states=tuple(
            {
                symbol: order[argument] if action is Shift else -1 - number[argument]
                for symbol, (action, argument) in sorted(table.states[state].items())
            }
            for state in order
        ),
        start=order[table.start_states["start"]],
        end=order[table.end_states["start"]],
    )


def _breadth_first(table: Any, shift: object) -> dict[int, int]:
    """The states in the order in which they are reached from the start, by the names of their symbols."""
    order = {table.start_states["start"]: 0}
    queue = list(order)
    for state in queue:
        for _, (action, argument) in sorted(table.states[state].items()):
            if action is shift and argument not in order:
                order[argument] = len(order)
                queue.append(argument)
    return order


def _lexer_order(terminal: Any) -> tuple[int, int, int, str]:
    """The order in which lark tries its terminals."""
    return -terminal.priority, -terminal.pattern.max_width, -len(terminal.pattern.value), terminal.name


def _production(rule: Any) -> Production:
    return Production(
        name=rule.origin.name,
        size=len(rule.expansion),
        kept=tuple(not getattr(symbol, "filter_out", False) for symbol in rule.expansion),
        spliced=rule.origin.name.startswith("_"),
        passes=rule.options.expand1,
    )


def text_of(tables: Tables) -> str:
    """The file: one line for each production and each state, so that a change can be read."""
    fields = asdict(tables)
    fields["productions"] = [list(production.values()) for production in fields["productions"]]
    parts = []
    for name, value in fields.items():
        if name in ("productions", "states", "terminals"):
            rows = ",\n".join(json.dumps(row, separators=(",", ":")) for row in value)
            parts.append(f'"{name}":[\n{rows}\n]')
        else:
            parts.append(f'"{name}":{json.dumps(value, separators=(",", ":"))}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def made_anew() -> str:
    """What the file should hold."""
    source = resources.grammar().read_bytes()
    return text_of(build(source.decode(), hashlib.sha256(source).hexdigest()))


def main(arguments: list[str]) -> int:
    text = made_anew()
    if "--write" in arguments:
        FILE.write_text(text, "utf-8")
        return 0
    return 0 if FILE.read_text("utf-8") == text else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
