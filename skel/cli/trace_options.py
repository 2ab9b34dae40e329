"""Options that the tools for traces share."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from skel.trace.identity import Identity
    from skel.trace.instant import Instant
    from skel.trace.model import Trace

Command = TypeVar("Command", bound=Callable[..., Any])


def instant(_: click.Context, __: click.Parameter, value: str | None) -> Instant | None:
    """A moment in a trace, as an option says it."""
    from skel.trace.errors import TraceError
    from skel.trace.instant import Instant

    try:
        return None if value is None else Instant.parse(value)
    except TraceError as error:
        raise click.BadParameter(f"{error.message}; {error.hint}") from None


def at(moment: Instant | None, trace: Trace) -> int | None:
    """The moment in this trace, in Unix seconds."""
    return None if moment is None else moment.at(trace.start, trace.end)


def choice_options(command: Command) -> Command:
    """`-n`, `--without-namespace`, `--kind`, `-l`, `--where`."""
    for option in reversed(_CHOICE):
        command = option(command)
    return command


_CHOICE = (
    click.option("-n", "--namespace", "namespaces", multiple=True, metavar="NAME", help="Only what is in it; several."),
    click.option("--without-namespace", "excluded", multiple=True, metavar="NAME", help="Not what is in it; several."),
    click.option("--kind", "kinds", multiple=True, metavar="KIND", help="Only objects of this kind; several."),
    click.option(
        "-l", "--selector", "--labels", "labels", metavar="LABELS", help="Only objects with these labels, as kubectl."
    ),
    click.option("--where", metavar="SELECTOR", help="Only objects of which a version matches, as in a rule."),
)


def chosen(
    trace: Trace,
    namespaces: tuple[str, ...],
    excluded: tuple[str, ...],
    kinds: tuple[str, ...],
    labels: str | None,
    where: str | None,
) -> Callable[[Identity], bool] | None:
    """Whether an object is wanted; None if all are. Raises SkelError, and a usage error for bad labels."""
    from skel.findings.labels import parse_selector
    from skel.tools.selecting import objects_matching
    from skel.trace.choosing import Choice

    try:
        needs = parse_selector(labels) if labels else ()
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    choice = Choice(frozenset(map(str.lower, kinds)), frozenset(namespaces), frozenset(excluded), needs)
    if not choice and where is None:
        return None
    keep = choice.keep(trace)
    if where is None:
        return keep
    matching = objects_matching(trace, where)
    return lambda who: who in matching and keep(who)
