"""Every program, command and example of the documentation runs, and does what the page says."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgpack
import pytest
import yaml

import skel
from skel.language.formatter import format_source
from skel.language.render import render
from skel.language.text import Source
from tests.conformance.corpus import Events, canonical, events_of
from tests.snippets import Block, Command, Example, blocks, commands, examples, messages, same_output

ROOT = Path(__file__).resolve().parent.parent
PAGES = [page for page in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))) if page.exists()]
BLOCKS = [block for page in PAGES for block in blocks(page)]


def place(item: Block | Example | tuple[Block, Block]) -> str:
    block = item.after if isinstance(item, Example) else item[0] if isinstance(item, tuple) else item
    return f"{block.page.relative_to(ROOT)}:{block.line}"


PROGRAMS = [block for block in BLOCKS if block.language == "skel" and block.title != "error"]
EXAMPLES = [example for page in PAGES for example in examples(blocks(page))]
MESSAGES = [pair for page in PAGES for pair in messages(blocks(page))]
SCRIPTED = [page for page in PAGES if any(block.language in {"console", "python"} for block in blocks(page))]


def file_name(block: Block) -> str:
    return block.title or "example.skel"


@pytest.mark.parametrize("block", PROGRAMS, ids=place)
def test_program_compiles(block: Block) -> None:
    skel.compile(block.text, name=file_name(block))


@pytest.mark.parametrize("block", PROGRAMS, ids=place)
def test_program_is_formatted(block: Block) -> None:
    assert format_source(Source(file_name(block), block.text)) == block.text


@pytest.mark.parametrize("example", EXAMPLES, ids=place)
def test_example(example: Example) -> None:
    before, after = both_sides(example)
    program = skel.compile(example.program.text, name=file_name(example.program))
    trace, _ = program.apply(skel.Trace.from_bytes(packed(before)))
    assert canonical(events_of(trace.to_bytes())) == canonical(after)


def both_sides(example: Example) -> tuple[Events, Events]:
    before, after = yaml.safe_load(example.before.text), yaml.safe_load(example.after.text)
    match example.form:
        case "events":
            return [event(**entry) for entry in before], [event(**entry) for entry in after]
        case "gone":
            return [event(1000, [before])], [event(1000)]
        case _:
            return [event(1000, [before])], [event(1000, [after])]


def event(ts: int, applied_objs: list[Any] | None = None, deleted_objs: list[Any] | None = None) -> dict[str, Any]:
    return {"ts": ts, "applied_objs": applied_objs or [], "deleted_objs": deleted_objs or []}


def packed(events: Events) -> bytes:
    trace = {"version": 2, "config": {"trackedObjects": {}}, "events": events, "index": {}, "pod_lifecycles": {}}
    raw = msgpack.packb(trace)
    assert isinstance(raw, bytes)
    return raw


@pytest.mark.parametrize("pair", MESSAGES, ids=place)
def test_message(pair: tuple[Block, Block]) -> None:
    program, message = pair
    with pytest.raises(skel.SkelError) as caught:
        skel.compile(program.text, name="example.skel")
    assert render(caught.value.diagnostics).strip() == message.text.strip()


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    """A folder with the example files, and a `skel` on the search path."""
    folder = tmp_path / "work"
    folder.mkdir()
    for source in (*(ROOT / "examples" / "traces").iterdir(), *(ROOT / "examples").rglob("*.skel")):
        shutil.copy(source, folder / source.name)
    shutil.copytree(ROOT / "examples" / "manifests", folder / "manifests")
    commands_folder = tmp_path / "bin"
    commands_folder.mkdir()
    launcher = commands_folder / "skel"
    launcher.write_text(f'#!/bin/sh\nexec {sys.executable} -m skel "$@"\n', "utf-8")
    launcher.chmod(0o755)
    return folder


@pytest.mark.parametrize("page", SCRIPTED, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands(page: Path, scratch: Path) -> None:
    """The blocks of a page run in one folder, from top to bottom, as a reader would type them."""
    for block in blocks(page):
        if block.language == "skel" and block.title.endswith(".skel"):
            (scratch / block.title).write_text(block.text, "utf-8")
        elif block.language == "python":
            assert run([sys.executable, "-c", block.text], scratch, place(block)) is not None
        elif block.language == "console":
            run_console(block, scratch)


def run_console(block: Block, scratch: Path) -> None:
    for command in commands(block):
        expected = exit_code(block, command)
        real = run(["bash", "-c", command.line], scratch, f"{place(block)}: {command.line}", expected)
        if command.output:
            assert same_output(command.output, real), f"{place(block)}: $ {command.line}\n{real}"


def exit_code(block: Block, command: Command) -> int:
    """What the title of the block says; or 2 where an error is shown, else 0."""
    if block.title.startswith("exit "):
        return int(block.title.removeprefix("exit "))
    return 2 if command.output and command.output[0].startswith("error") else 0


def run(command: list[str], folder: Path, where: str, expected: int = 0) -> str:
    search = f"{folder.parent / 'bin'}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": search, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == expected, f"{where}: exit {done.returncode}\n{done.stdout}{done.stderr}"
    return done.stdout + done.stderr
