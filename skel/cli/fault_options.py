"""What the verbs that run scenarios have in common: on which releases, with which gates, how often, by which clock."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from skel.cluster.progress import Progress
    from skel.faults.model import Scenario
    from skel.faults.session import Column, Means

_SWITCH = {"on": True, "true": True, "off": False, "false": False}


@dataclass(frozen=True, slots=True)
class Running:
    """The values of the options."""

    kubernetes: str | None = None
    gates: tuple[str, ...] = ()
    oracles: tuple[str, ...] = ()
    real_clock: bool = False

    def means(self, own: Sequence[str] = ()) -> Means:
        """How to run; says so if time can't be moved here."""
        from skel.faults.clock.support import obstacle
        from skel.faults.session import Means

        if not self.real_clock and (why := obstacle()):
            click.echo(f"{why}; where the clock would be moved, there is real waiting", err=True)

        return Means(tuple(map(Path, self.oracles)), tuple(own), self.real_clock)

    def columns(self, scenario: Scenario) -> tuple[Column, ...]:
        """Raises a usage error for what makes no sense."""
        from skel.faults.session import columns_of

        return columns_of(self._releases(scenario), self._gates())

    def _releases(self, scenario: Scenario) -> list[str]:
        from skel.cluster.versions import kubernetes

        named = [word.strip() for word in (self.kubernetes or "").split(",") if word.strip()]
        return [kubernetes(release).version for release in named or _usual(scenario) or [_newest()]]

    def _gates(self) -> Mapping[str, Sequence[bool]]:
        return dict(map(_gate, self.gates))


def _usual(scenario: Scenario) -> list[str]:
    """The releases that the scenario names; of those of which it only expects something, what is on this machine."""
    from skel.cluster.binaries import are_present

    expected = dict.fromkeys(it.kubernetes for it in scenario.expect if it.kubernetes)
    return list(scenario.kubernetes) or [release for release in expected if are_present(release)]


def _newest() -> str:
    """The newest release that is on this machine; if there is none, the newest that can be had."""
    from skel.cluster.binaries import are_present
    from skel.cluster.versions import pinned

    known = tuple(pinned().values())[::-1]
    return next(filter(are_present, known), known[0])


def _gate(text: str) -> tuple[str, tuple[bool, ...]]:
    name, _, values = text.partition("=")
    switches = [value.strip().lower() for value in values.split(",")]
    if not name or any(switch not in _SWITCH for switch in switches):
        raise click.UsageError(f"--gate takes NAME=on, NAME=off or NAME=on,off, not {text!r}")
    return name, tuple(_SWITCH[switch] for switch in dict.fromkeys(switches))


def running_options(command: Callable[..., int]) -> Callable[..., int]:
    """The options; the verb gets their values as one, `running`."""

    @wraps(command)
    def called(
        kubernetes: str | None, gates: tuple[str, ...], oracles: tuple[str, ...], real_clock: bool, **settings: Any
    ) -> int:
        return command(running=Running(kubernetes, gates, oracles, real_clock), **settings)

    for option in reversed(_OPTIONS):
        called = option(called)
    return called


def progress() -> Progress:
    """What goes on, for a terminal."""
    from skel.cli.cluster_options import Shown
    from skel.cluster.progress import Silent

    return Shown() if sys.stderr.isatty() else Silent()


def refuse_without_extra() -> None:
    """Say what to install before an import fails."""
    from skel.cli.cluster_options import need_extra

    need_extra()


_OPTIONS = (
    click.option(
        "--kubernetes",
        metavar="RELEASE,...",
        help="On which releases, side by side: 1.24.17,1.36 (default: those of the scenario, else the newest here).",
    ),
    click.option("--gate", "gates", multiple=True, metavar="NAME=on,off", help="With a feature gate of the target."),
    click.option("--oracle", "oracles", multiple=True, metavar="FILE.py", help="Ask the invariants of a file as well."),
    click.option("--real-clock", is_flag=True, help="Wait, even where the clock can be moved."),
)
