"""`skel fmt`: one style for programs."""

from __future__ import annotations

import sys
from difflib import unified_diff
from pathlib import Path

import click

from skel.cli.options import color_option, painter, read_source


@click.command()
@click.argument("files", nargs=-1, required=True)
@click.option("--check", is_flag=True, help="Write nothing; exit code 1 if a file would change.")
@click.option("--diff", is_flag=True, help="Write nothing; show what would change, exit code 1 if anything.")
@color_option
def command(files: tuple[str, ...], check: bool, diff: bool, color: str) -> int:
    """Format FILES in place; `-` formats standard input to standard output. A directory stands for its .skel files."""
    from skel.language.formatter import format_source

    changed = []
    for name in _programs(files):
        source = read_source(name)
        after = format_source(source)
        if diff:
            show_diff(name, source.text, after, color)
        elif name == "-" and not check:
            sys.stdout.write(after)
        elif after != source.text and not check:
            write_program(name, after)
        if after != source.text:
            changed.append(name)
    for name in changed:
        if name != "-" and not diff:
            click.echo(f"{'would format' if check else 'formatted'} {name}", err=True)
    return 1 if changed and (check or diff) else 0


def _programs(names: tuple[str, ...]) -> list[str]:
    found: list[str] = []
    for name in names:
        found += sorted(map(str, Path(name).rglob("*.skel"))) if Path(name).is_dir() else [name]
    return found


def write_program(name: str, text: str) -> None:
    """Write a program, whole or not at all."""
    from skel.storage.store import write_atomically

    write_atomically(name, lambda file: file.writelines([text.encode()]))


def show_diff(name: str, before: str, after: str, color: str) -> None:
    """Show what a new text of a program changes."""
    paint = painter(color)
    lines = unified_diff(before.splitlines(), after.splitlines(), name, name, lineterm="")
    for line in lines:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[0])
        click.echo(paint(line, style) if style else line, color=paint.color)
