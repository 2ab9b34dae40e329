"""The examples of the documentation: fenced blocks, grouped by what they belong to (see CONTRIBUTING.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

FENCE = re.compile(r'^```(?P<language>\w+)(?: +title="(?P<title>[^"]*)")?\s*$')


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, title and text; `line` is that of its first line of text, from 1."""

    page: Path
    line: int
    language: str
    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Example:
    """A program and what it makes of one object or trace. `form` is "unchanged", "gone", "object" or "events"."""

    program: Block
    form: str
    before: Block
    after: Block


@dataclass(frozen=True, slots=True)
class Command:
    """One line of a console block with the output that is shown for it."""

    line: str
    output: tuple[str, ...]


class SnippetError(Exception):
    """A page does not follow the convention."""


def blocks(page: Path) -> list[Block]:
    return list(_blocks(page, page.read_text("utf-8").splitlines()))


def _blocks(page: Path, lines: list[str]) -> Iterator[Block]:
    rest = enumerate(lines, 1)
    for number, line in rest:
        opened = FENCE.match(line)
        if not opened:
            continue
        body = []
        for _, inner in rest:
            if inner.rstrip() == "```":
                break
            body.append(inner)
        else:
            raise SnippetError(f"{page}:{number}: the block is not closed")
        text = "\n".join(body) + "\n" if body else ""
        yield Block(page, number + 1, opened["language"], opened["title"] or "", text)


def examples(found: list[Block]) -> Iterator[Example]:
    """Each before/after pair, with the last program above it."""
    program: Block | None = None
    before: Block | None = None
    for block in found:
        if block.language == "skel" and block.title != "error":
            program = block
        if block.language != "yaml" or not block.title:
            continue
        match block.title:
            case "before" | "events before":
                before = block
            case "unchanged":
                yield _example(program, "unchanged", block, block)
            case "gone":
                yield _example(program, "gone", before, block)
            case "after" | "events after":
                yield _example(program, "events" if block.title.startswith("events") else "object", before, block)


def _example(program: Block | None, form: str, before: Block | None, after: Block) -> Example:
    if program is None or before is None:
        raise SnippetError(f"{after.page}:{after.line}: no program or no `before` above this block")
    return Example(program, form, before, after)


def messages(found: list[Block]) -> Iterator[tuple[Block, Block]]:
    """Each program that must fail, with the text of its message."""
    for number, block in enumerate(found, 1):
        if block.language == "skel" and block.title == "error":
            following = found[number] if number < len(found) else None
            if following is None or following.language != "text":
                raise SnippetError(f"{block.page}:{block.line}: a `text` block with the message must follow")
            yield block, following


def commands(block: Block) -> list[Command]:
    found: list[tuple[str, list[str]]] = []
    for line in block.text.splitlines():
        if line.startswith("$ "):
            found.append((line[2:], []))
        elif found and found[-1][0].endswith("\\"):
            found[-1] = (f"{found[-1][0]}\n{line}", [])
        elif found:
            found[-1][1].append(line)
        else:
            raise SnippetError(f"{block.page}:{block.line}: a console block begins with `$ `")
    return [Command(line, tuple(output)) for line, output in found]


def same_output(shown: tuple[str, ...], real: str) -> bool:
    """Whether the output is what is shown; `...` alone in a line stands for any lines, inside a line for any text."""
    pattern = "\n".join(_pattern(line.rstrip()) for line in shown)
    # A wildcard line may stand for no line at all, and then it takes its line end with it.
    pattern = pattern.replace("(?:.*\n)*\n", "(?:.*\n)*")
    text = "\n".join(line.rstrip() for line in real.splitlines())
    return re.fullmatch(pattern + "\n?", text + "\n") is not None


def _pattern(line: str) -> str:
    if line.strip() == "...":
        return "(?:.*\n)*"
    return ".*".join(re.escape(part) for part in line.split("..."))
