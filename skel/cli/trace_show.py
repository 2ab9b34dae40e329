"""`skel trace show`: what is in a trace, an object over time, or everything at one moment."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from skel.cli.options import color_option, painter
from skel.cli.trace_options import at, instant

if TYPE_CHECKING:
    from skel.trace.history import History, ObjectName
    from skel.trace.instant import Instant
    from skel.trace.model import Trace


@click.command()
@click.argument("trace")
@click.option("--object", "name", metavar="KIND/NAMESPACE/NAME", help="The history of an object, with differences.")
@click.option(
    "--at", "moment", metavar="TIME", callback=instant, help="The manifests of that moment: 10m, -30m or a date."
)
@click.option(
    "-o", "--output", "form", type=click.Choice(["text", "yaml", "json"]), default="text", help="Form of the output."
)
@color_option
def command(trace: str, name: str | None, moment: Instant | None, form: str, color: str) -> int:
    """Show what is in TRACE; with --object the history of one object, with differences between its versions.

    With --at the manifest of the object at that time, or those of all objects that are there, in a form that kubectl
    takes. Manifests are shown as they were recorded, secrets included.
    """
    from skel.trace.history import ObjectName
    from skel.trace.model import Trace

    wanted = ObjectName.parse(name) if name else None
    opened = Trace.open(trace)
    if moment is not None:
        _show_state(opened, wanted, moment, form)
    elif wanted is not None:
        _show_history(opened, wanted, form, color)
    elif form == "text":
        _show_overview(opened, color)
    else:
        raise click.UsageError(f"-o {form} shows manifests: say which with --object, or when with --at")
    return 0


def _show_overview(trace: Trace, color: str) -> None:
    from skel.report.traces.statistics import overview_lines
    from skel.trace.statistics import statistics

    _print(overview_lines(statistics(trace), painter(color)))
    click.echo("--object KIND/NAMESPACE/NAME shows the history of an object; `skel trace stats` more figures", err=True)


def _show_history(trace: Trace, wanted: ObjectName, form: str, color: str) -> None:
    from skel.report.traces.history import histories_json, history_lines, manifests_yaml

    found = _histories(trace, wanted)
    if form == "json":
        sys.stdout.write(histories_json(found))
    elif form == "yaml":
        versions = (version for history in found for version in history.versions if not version.deleted)
        sys.stdout.writelines(manifests_yaml(version.raw for version in versions))
    else:
        for history in found:
            _print(history_lines(history, trace.start, painter(color)))


def _show_state(trace: Trace, wanted: ObjectName | None, moment: Instant, form: str) -> None:
    from skel.report.traces.history import manifests_json, manifests_yaml
    from skel.trace.errors import TraceError
    from skel.trace.history import state_at

    time = at(moment, trace)
    if wanted is None:
        objects = list(state_at(trace, time).values())
    else:
        assert time is not None  # a moment is given
        objects = [version.raw for history in _histories(trace, wanted) if (version := history.at(time))]
        if not objects:
            raise TraceError(f"{wanted} is not there at that time", "`skel trace show --object` shows when it is")
    if form == "json":
        sys.stdout.write(manifests_json(objects))
    else:
        sys.stdout.writelines(manifests_yaml(objects))


def _histories(trace: Trace, wanted: ObjectName) -> list[History]:
    """The history of what is meant. Raises TraceError with names that are near if there is none."""
    from skel.language.nearest import near_names
    from skel.trace.errors import TraceError
    from skel.trace.history import histories, object_names

    found = histories(trace, wanted)
    if not found:
        near = near_names(str(wanted), object_names(trace))
        hint = f"did you mean {_either(near)}?" if near else "`skel trace stats` shows what is in it"
        raise TraceError(f"{trace.name} has no object {wanted}", hint)
    return found


def _either(names: list[str]) -> str:
    """`a`, `a or b`, `a, b or c`."""
    return " or ".join(part for part in (", ".join(names[:-1]), names[-1]) if part)


def _print(lines: object) -> None:
    sys.stdout.writelines(f"{line}\n" for line in lines)  # type: ignore[attr-defined]
