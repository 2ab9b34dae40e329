"""What the verbs of `skel import` share: options, and the way from a source to a trace."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from skel.cli.cluster_options import Shown

if TYPE_CHECKING:
    from skel.record.imports.change import Change
    from skel.record.imports.losses import Losses
    from skel.record.imports.options import Wanted

Command = TypeVar("Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "-o", "--output", metavar="TRACE", default="-", help="Where the trace goes; `-`, the default: standard output."
    ),
    click.option("-n", "--namespace", "namespaces", multiple=True, metavar="NAME", help="Only this namespace."),
    click.option("-l", "--selector", metavar="LABELS", default="", help="Only objects with these labels: app=a,!b."),
    click.option("--start", metavar="TIME", help="From then on; the first event holds what was there."),
    click.option("--end", metavar="TIME", help="Before then. RFC 3339, or Unix seconds."),
    click.option(
        "--config",
        "config",
        type=click.Path(exists=True, dir_okay=False),
        help="Which kinds: the recorder's tracer.yaml.",
    ),
    click.option(
        "--drop",
        metavar="WORDS",
        default="",
        help="Leave out managedFields, last-applied or both, with a comma; `noise` is both.",
    ),
    click.option("--secrets", is_flag=True, help="With the values of Secrets; without, only their keys."),
    click.option("--every-change", is_flag=True, help="Changes of metadata too, not only those of the spec."),
    click.option("--strict", is_flag=True, help="Exit with 1 if something could not be used."),
)

at_option = click.option(
    "--at", metavar="TIME", help="When that was; by default the newest time in the objects, or 0 if they tell none."
)


def import_options(command: Command) -> Command:
    """The options of all sources; they come as one `Shared` under the name `shared`."""

    def wrapped(
        output: str,
        namespaces: tuple[str, ...],
        selector: str,
        start: str | None,
        end: str | None,
        config: str | None,
        drop: str,
        **own: Any,
    ) -> Any:
        flags = {name: own.pop(name) for name in ("secrets", "every_change", "strict")}
        return command(shared=Shared(output, namespaces, selector, start, end, config, drop, **flags), **own)

    wrapped.__doc__ = command.__doc__
    result: Any = wrapped
    for option in reversed(_OPTIONS):
        result = option(result)
    found: Command = result
    return found


@dataclass(frozen=True, slots=True)
class Shared:
    """The values of these options, as they were given."""

    output: str
    namespaces: tuple[str, ...]
    selector: str
    start: str | None
    end: str | None
    config: str | None
    drop: str
    secrets: bool
    every_change: bool
    strict: bool

    def refuse_overwrite(self, *sources: str) -> None:
        """A usage error if the output is one of the sources, lies among them, or is the configuration."""
        from skel.cli.output import is_trace, refuse_overwrite
        from skel.storage.store import lies_in

        refuse_overwrite(self.output, (*sources, *filter(None, [self.config])), "name another file")
        for source in sources:
            # What an earlier run wrote there may be written again.
            if lies_in(self.output, source) and not is_trace(self.output):
                raise click.UsageError(f"the output {self.output} lies in {source}, which is read; name another file")

    def wanted(self, *, skip_noise: bool) -> Wanted:
        """Raises TraceError for an option that says nothing."""
        from skel.record.imports.options import Wanted, parse_time
        from skel.record.imports.selector import parse_selector
        from skel.record.noise import Noise
        from skel.record.tracked import read_config

        return Wanted(
            frozenset(self.namespaces),
            parse_selector(self.selector),
            parse_time(self.start) if self.start else None,
            parse_time(self.end) if self.end else None,
            read_config(self.config) if self.config else None,
            skip_noise=skip_noise,
            secrets=self.secrets,
            every_change=self.every_change,
            noise=Noise.of("managedFields,last-applied" if self.drop == "noise" else self.drop),
        )


def refuse_missing(paths: tuple[str, ...]) -> None:
    """A usage error for a path that is not there. What a folder holds may be unreadable; what is named is meant."""
    from skel.storage.store import is_remote

    for path in paths:
        if path != "-" and not is_remote(path) and not Path(path).exists():
            raise click.UsageError(f"there is no file or folder `{path}`")


def run_import(
    shared: Shared, source: Callable[[Losses, Wanted], Iterable[Change]], *, skip_noise: bool = False
) -> int:
    """Write the trace of a source and say what became of it; the exit code."""
    from skel.record.imports.into_trace import save_changes
    from skel.record.imports.losses import Losses
    from skel.storage.store import try_to_write

    # Reading may take an hour.
    try_to_write(shared.output)
    shown = Shown()
    losses = Losses(counting(shown))
    wanted = shared.wanted(skip_noise=skip_noise)
    try:
        imported = save_changes(source(losses, wanted), shared.output, wanted)
    finally:
        say_losses(losses, shown)
    shown.say(imported.summary())
    return 1 if shared.strict and losses else 0


def counting(shown: Shown) -> Callable[[int], None]:
    """Tells on a terminal how much was read."""
    total = 0

    def heard(size: int) -> None:
        nonlocal total
        total += size
        shown.count("MB read", total // 1_000_000, 0)

    return heard


def say_losses(losses: Losses, shown: Shown) -> None:
    for line in losses.lines():
        shown.say(line)
