"""The command `skel`: finds the verb, imports that one alone, and turns what goes wrong into one message and an exit
code.

0 clean; 1 findings or differences; 2 usage, input or internal error; 130 interrupt.
"""

from __future__ import annotations

import os
import signal
import sys
from importlib import import_module
from types import FrameType, MappingProxyType
from typing import TYPE_CHECKING, NoReturn

import click

from skel import __version__

if TYPE_CHECKING:
    from skel.report.terminal import Paint

VERBS = MappingProxyType(
    {
        "compile": "Show the plan of a program: kinds, reads, writes, operations.",
        "explain": "Explain a diagnostic code.",
        "fmt": "Format programs.",
        "query": "Look into a trace with JSONPath.",
        "repl": "Try selectors and actions on a loaded trace.",
        "trace": "Tools for trace files.",
        "transform": "Run programs on a trace.",
    }
)
"""Each verb is a module of this package; its help stands here so that listing the verbs imports none of them."""


class LazyGroup(click.Group):
    """A group whose commands are imported when they are asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in VERBS:
            return None
        command: click.Command = import_module(f"skel.cli.{cmd_name}").command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError as error:
            from difflib import get_close_matches

            near = get_close_matches(args[0], VERBS, n=1)
            hint = f" Did you mean '{near[0]}'?" if near else ""
            raise click.UsageError(f"{error.message}{hint}", ctx) from None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(VERBS.items()))


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="skel %(version)s")
def cli() -> None:
    """Rehearse a Kubernetes upgrade on a recorded trace."""


def main() -> NoReturn:
    """Run the command line and exit."""
    signal.signal(signal.SIGTERM, _terminated)
    sys.exit(_exit_code())


def _terminated(number: int, _: FrameType | None) -> NoReturn:
    """Leave by the same door as Ctrl-C, so that temporary files and workers are cleaned up."""
    raise SystemExit(128 + number)


def _exit_code() -> int:
    try:
        result = cli.main(standalone_mode=False)
    except click.exceptions.Abort:
        return _interrupted()
    except KeyboardInterrupt:
        return _interrupted()
    except click.ClickException as error:
        error.show()
        return 2
    except BrokenPipeError:
        # The reader has seen enough; Python must not complain when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # noqa: BLE001  (the last door: one message instead of a traceback)
        return _report(error)
    return result if isinstance(result, int) else 0


def _interrupted() -> int:
    click.echo("interrupted; nothing was written", err=True)
    return 130


def _report(error: Exception) -> int:
    """One message for whatever ended the run."""
    from skel.language.diagnostic import SkelError
    from skel.report.terminal import Paint, wants_color
    from skel.trace.errors import TraceError

    paint = Paint(wants_color(sys.stderr))
    if isinstance(error, SkelError):
        from skel.language.render import render

        click.echo(render(error.diagnostics, color=paint.color), err=True, color=paint.color)
        return 2
    if isinstance(error, TraceError):
        _complain(paint, error.message, error.hint)
        return 2
    if os.environ.get("SKEL_DEBUG"):
        raise error
    kind = type(error).__name__
    _complain(paint, f"internal error: {kind}: {error}", "SKEL_DEBUG=1 shows where; please report it")
    return 2


def _complain(paint: Paint, message: str, hint: str) -> None:
    click.echo(f"{paint('error', 'red', 'bold')}: {message}", err=True, color=paint.color)
    if hint:
        click.echo(f"  {paint('help', 'cyan')}: {hint}", err=True, color=paint.color)
