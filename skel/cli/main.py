"""The command `skel`: finds the verb, imports that one alone, and turns what goes wrong into one message and an exit
code.

0 clean; 1 findings or differences; 2 usage, input or internal error; 130 interrupt.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress
from types import FrameType, MappingProxyType
from typing import TYPE_CHECKING, Any, NoReturn

import click

from skel import __version__
from skel.cli.lazy import LazyGroup

if TYPE_CHECKING:
    from skel.report.terminal import Paint

VERBS = MappingProxyType(
    {
        "check": "Find what an upgrade of Kubernetes breaks.",
        "cluster": "Real control planes with simulated nodes, on this machine.",
        "compare": "Say what is different between two replays.",
        "compile": "Show the plan of a program: kinds, reads, writes, operations.",
        "data": "Show which Kubernetes releases are known, and what changed in them.",
        "explain": "Explain a diagnostic code.",
        "fault": "Deterministic faults: slow watches, lost answers, moved clocks.",
        "explore": "Look at a trace, in the terminal or as a page.",
        "fleet": "Many traces at once, on all cores or many machines.",
        "fmt": "Format programs.",
        "import": "Make a trace of audit logs, manifests, git, Helm, dumps.",
        "lint": "Look for mistakes in programs.",
        "pack": "Packs of rules: list, show, make, check, add.",
        "migrate": "Apply the fixes for an upgrade.",
        "query": "Look into a trace with JSONPath.",
        "record": "Record a trace of what goes on in a cluster.",
        "rehearse": "Try an upgrade out: check, migrate, replay, compare.",
        "repl": "Try selectors and actions on a loaded trace.",
        "replay": "Play a trace against a control plane, or a model of one.",
        "test": "Run the cases of rules.",
        "trace": "Tools for trace files.",
        "transform": "Run programs on a trace.",
    }
)
"""Each verb is a module of this package; its help stands here so that listing the verbs imports none of them."""

ALIASES = MappingProxyType(
    {
        "export": ("trace", "slice"),
        "run": ("replay",),
        "validate": ("trace", "validate"),
        "xray": ("explore",),
    }
)
"""What people who come from the reference tool type."""


class _Skel(LazyGroup):
    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        return super().resolve_command(ctx, [*ALIASES.get(args[0], args[:1]), *args[1:]])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except BrokenPipeError:
            # The reader has seen enough. Left to click, this would end with code 1, which means findings.
            _abandon_output()
            return 0


@click.group(cls=_Skel, verbs=VERBS, home="skel.cli.", context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, "-V", "--version", message="skel %(version)s")
def cli() -> None:
    """Rehearse a Kubernetes upgrade on a recorded trace."""


def main() -> NoReturn:
    """Run the command line and exit."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(ending) is signal.SIG_DFL:
            signal.signal(ending, _terminated)
    code = run()
    if "obstore" in sys.modules:
        _leave_at_once(code)
    sys.exit(code)


def _leave_at_once(code: int) -> NoReturn:
    """Without the end of the interpreter: a thread of the storage library that wants it once more while it ends would
    abort the process, after all went well: https://github.com/PyO3/pyo3/pull/4874
    """
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError, ValueError):
            stream.flush()
    os._exit(code)


class _Terminated(SystemExit):
    """The process was told to end."""


def _terminated(number: int, _: FrameType | None) -> NoReturn:
    """Leave by the same door as Ctrl-C, so that temporary files and workers are cleaned up."""
    raise _Terminated(128 + number)


def run(arguments: list[str] | None = None) -> int:
    """Run one command, by default that of this process, and return its exit code."""
    try:
        result = cli.main(arguments, prog_name="skel", standalone_mode=False)
        sys.stdout.flush()
    except (click.exceptions.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing is half written", err=True)
        return 130
    except _Terminated as end:
        click.echo("terminated; nothing is half written", err=True)
        return int(end.code or 0)
    except BrokenPipeError:
        _abandon_output()
        return 0
    except Exception as error:  # noqa: BLE001  (the one place: whatever it is, one message)
        return _report(error)
    return result if isinstance(result, int) else 0


def _abandon_output() -> None:
    """What is still in the buffer goes nowhere, so that Python does not complain when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: Exception) -> int:
    """One message for whatever ended the run."""
    from skel.client.errors import ClientError
    from skel.language.diagnostic import SkelError
    from skel.packs.errors import PackError
    from skel.report.terminal import Paint, wants_color
    from skel.trace.errors import TraceError

    paint = Paint(wants_color(sys.stderr))
    if isinstance(error, SkelError):
        from skel.language.render import render

        click.echo(render(error.diagnostics, color=paint.color), err=True, color=paint.color, nl=False)
    elif isinstance(error, TraceError | PackError | ClientError):
        _complain(paint, error.message, error.hint)
    elif isinstance(error, click.ClickException):
        _complain(paint, error.format_message(), _usage(error))
    elif isinstance(error, OSError):
        _complain(paint, f"{error.filename or 'standard output'}: {error.strerror or error}")
        _abandon_output()
    else:
        _report_defect(paint, error)
    return 2


def _usage(error: click.ClickException) -> str:
    context = error.ctx if isinstance(error, click.UsageError) else None
    return f"`{context.command_path} --help` shows how" if context else ""


def _report_defect(paint: Paint, error: Exception) -> None:
    if os.environ.get("SKEL_DEBUG"):
        raise error
    message = f"internal error: {type(error).__name__}: {error}"
    _complain(paint, message, "this is a defect of skel, please report it; SKEL_DEBUG=1 shows where it happened")


def _complain(paint: Paint, message: str, hint: str = "") -> None:
    click.echo(f"{paint('error', 'red', 'bold')}: {message}", err=True, color=paint.color)
    if hint:
        click.echo(f"  {paint('help', 'cyan')}: {hint}", err=True, color=paint.color)
