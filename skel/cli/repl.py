"""`skel repl`: try selectors and actions on a loaded trace."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click

from skel.cli.options import color_option, painter, pairs

if TYPE_CHECKING:
    from skel.repl.run import Read
    from skel.repl.session import Session


@click.command()
@click.argument("trace")
@click.option("--target", "targets", multiple=True, metavar="COMPONENT=VERSION", help="What `target(...)` compares.")
@click.option("--key-file", type=click.Path(exists=True, dir_okay=False), help="Key of `pseudonym`, in a file.")
@color_option
def command(trace: str, targets: tuple[str, ...], key_file: str | None, color: str) -> int:
    """Try selectors and commands on TRACE. Nothing is written unless you say `:save FILE`; `:help` shows how.

    From a pipe it answers line by line, and the exit code is 2 if something typed was wrong.
    """
    from skel.repl.orders import obey
    from skel.repl.run import run
    from skel.repl.session import Session, Settings
    from skel.repl.shell import Shell
    from skel.trace.model import Trace

    if trace == "-":
        raise click.UsageError("the trace can't be read from standard input, where the commands come from")
    settings = Settings(pairs(targets, "--target"), Path(key_file).read_bytes().strip() if key_file else b"")
    session = Session(Trace.open(trace), settings)
    paint = painter(color)

    def write(line: str, *, err: bool = False) -> None:
        click.echo(line, err=err, color=paint.color)

    shell = Shell(session, write, partial(write, err=True), paint, obey)
    run(shell, _reader(session, color))
    if not session.is_saved:
        click.echo("the changes were not saved", err=True)
    return 2 if shell.failures and not sys.stdin.isatty() else 0


def _reader(session: Session, color: str) -> Read:
    """From a pipe, from a terminal with prompt_toolkit, or without it."""
    from skel.repl import plain

    if not sys.stdin.isatty():
        return plain.piped(line.decode(errors="replace") for line in sys.stdin.buffer)
    click.echo(f"{session.name}: {len(session.trace.events):,} events. `:help` shows what to type.")
    try:
        from skel.repl.terminal import reader
    except ImportError:
        click.echo("without completion and history: pip install 'skel-lang[repl]' brings them", err=True)
        return plain.typed()

    from skel.repl.completion import Completions
    from skel.repl.orders import ORDERS
    from skel.repl.paths_seen import look_around

    completions = Completions(lambda: look_around(session.trace), [f":{name}" for name in ORDERS])
    return reader(completions, color=painter(color).color)
