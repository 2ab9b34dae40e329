"""Options that several verbs share, and how their texts become values."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from skel.language.text import Source
    from skel.program import Program
    from skel.report.terminal import Paint

Command = TypeVar("Command", bound=Callable[..., Any])


def program_options(command: Command) -> Command:
    """`-e`, `--param`, `--target`, `--key-file`: everything that makes a program."""
    for option in reversed(_PROGRAM_OPTIONS):
        command = option(command)
    return command


color_option = click.option(
    "--color", type=click.Choice(["auto", "always", "never"]), default="auto", help="When to use colour."
)

_PROGRAM_OPTIONS = (
    click.option(
        "-e", "--expression", "expressions", multiple=True, metavar="PROGRAM", help="A program on the command line."
    ),
    click.option("--pack", "packs", multiple=True, metavar="NAME|PATH", help="The rules of a pack for transforming."),
    click.option("--param", "parameters", multiple=True, metavar="NAME=VALUE", help="Set a `param` of the programs."),
    click.option(
        "--target", "targets", multiple=True, metavar="COMPONENT=VERSION", help="What `target(...)` compares."
    ),
    click.option("--key-file", type=click.Path(exists=True, dir_okay=False), help="Key of `pseudonym`, in a file."),
)


def read_program(
    files: tuple[str, ...],
    expressions: tuple[str, ...],
    parameters: tuple[str, ...],
    targets: tuple[str, ...],
    key_file: str | None,
    packs: tuple[str, ...] = (),
) -> Program:
    """One program of all packs, files and expressions, in that order.

    Raises SkelError, and click's errors for bad options.
    """
    from skel.language.text import Source
    from skel.program import compile_sources

    sources = [source for name in packs for source in pack_sources(name)]
    sources += [read_source(name) for name in files]
    sources += [Source("<expression>", text) for text in expressions]
    if not sources:
        raise click.UsageError("name a program to run, or give one with -e")
    return compile_sources(
        sources,
        parameters=pairs(parameters, "--param"),
        targets=pairs(targets, "--target"),
        secret=_key(key_file),
    )


def require_key(program: Program, key_file: str | None) -> None:
    """Refuse pseudonyms that anybody can guess, because no key goes into them. Raises a usage error."""
    from skel.language import ast
    from skel.lint.nodes import below

    nodes = (node for rule in program.rules for node in below(rule.commands))
    if not _key(key_file) and any(isinstance(node, ast.Call) and node.function == "pseudonym" for node in nodes):
        raise click.UsageError(
            "pseudonyms need a key, or names can be guessed from them: write some random text into a file "
            "(`openssl rand -hex 32 > secret.key`) and give it with --key-file"
        )


def _key(file: str | None) -> bytes:
    """The key of `pseudonym`, empty if there is none."""
    return Path(file).read_bytes().strip() if file else b""


def pack_sources(name: str) -> list[Source]:
    """The rules of a pack, in its order. Raises PackError, and a usage error for a pack that another verb runs."""
    from skel.packs.manifest import Kind
    from skel.packs.registry import find

    pack = find(name)
    if pack.kind is Kind.UPGRADE:
        raise click.UsageError(f"the pack {pack.name} belongs to `skel check` and `skel migrate`")
    return [rule.source for rule in pack.rules]


def read_source(name: str) -> Source:
    """A program text from a file, or from standard input for `-`."""
    from skel.language.text import Source

    try:
        data = sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes()
    except OSError as error:
        if "(" in name:
            raise click.UsageError(f"there is no file `{name}`; a program itself stands behind -e") from None
        raise click.ClickException(f"{name}: {(error.strerror or str(error)).lower()}") from None
    try:
        return Source("<standard input>" if name == "-" else name, data.decode())
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        column = error.start - (data.rfind(b"\n", 0, error.start) + 1) + 1
        raise click.ClickException(
            f"{name}:{line}:{column}: byte 0x{data[error.start]:02x} is not valid UTF-8; save the program as UTF-8"
        ) from None


def pairs(texts: tuple[str, ...], option: str) -> dict[str, str]:
    """NAME=VALUE texts of an option as a dictionary. Raises a usage error."""
    return dict(_pair(text, option) for text in texts)


def _pair(text: str, option: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not (name and equals):
        raise click.UsageError(f"{option} takes NAME=VALUE, not {text!r}")
    return name.removeprefix("$"), value


def painter(color: str, *, err: bool = False) -> Paint:
    """The colours for standard output, or standard error."""
    from skel.report.terminal import Paint, wants_color

    return Paint(wants_color(sys.stderr if err else sys.stdout, color))
