"""What `replay` and `rehearse` play: one trace, or any number of manifests as one event."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from skel.cli.upgrade_options import read_inputs

if TYPE_CHECKING:
    from skel.manifests.document import Manifests
    from skel.trace.model import Trace


@dataclass(frozen=True, slots=True)
class History:
    """`manifests` is None where a trace was named."""

    trace: Trace
    manifests: Manifests | None = None


def read_history(names: tuple[str, ...], verb: str) -> History:
    """Raises TraceError, and click's errors for what can't be played; `verb` names what was to be done."""
    read = read_inputs(names)
    if len(read.traces) + (read.manifests is not None) != 1:
        raise click.UsageError(f"{verb} one trace, or any number of manifests")
    if read.manifests is None:
        return History(read.traces[0])
    _refuse_problems(read.manifests)
    return History(read.manifests.trace, read.manifests)


def refuse_nothing(trace: Trace, message: str) -> None:
    """Where nothing is played nothing can fail, and a mistyped name would pass for a good result."""
    if not any(event.applied_objs or event.deleted_objs for event in trace.events):
        raise click.ClickException(message)


def _refuse_problems(manifests: Manifests) -> None:
    """A file that can't be read would be missing from the replay, and nobody would know."""
    errors = [problem for problem in manifests.problems if problem.is_error]
    if errors:
        more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
        raise click.ClickException(f"{errors[0].location}: {errors[0].message}{more}")
