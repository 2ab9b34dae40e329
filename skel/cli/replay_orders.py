"""The options of `skel replay` as values, and what they make: a plan, a folder, a voice."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path, PurePath
from secrets import token_hex
from time import monotonic
from typing import TYPE_CHECKING, Any

import click

from skel.cli.replay_target import Place

if TYPE_CHECKING:
    from skel.replay.plan import Choice, Plan, Progress, Voice
    from skel.replay.pod_marks import Delays
    from skel.replay.run_folder import RunFolder
    from skel.trace.model import Trace

_RUNS = "skel-runs"
_SHOWN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Orders:
    """What was asked for."""

    inputs: tuple[str, ...]
    place: Place
    speed: float | None
    start: float
    duration: float | None
    repeat: int
    prefix: str
    hook_files: tuple[str, ...]
    run_dir: str | None
    resume: str | None
    fail_fast: bool
    known_cluster: bool
    upgrades: tuple[str, ...] = ()
    namespaces: tuple[str, ...] = ()
    everywhere: bool = False
    selector: str | None = None
    delays: Delays | None = None
    interval: float = 15.0
    report: str | None = None
    parquet: bool = False
    simulation: str = ""

    def recalled(self) -> Orders:
        """With `--resume`, what was asked for then; only how to reach the cluster is asked anew."""
        if self.resume is None:
            return self
        if self.run_dir is not None:
            raise click.UsageError("--resume names the folder already; leave out --run-dir")
        if self.upgrades or (Path(self.resume) / "upgrade.json").exists():
            raise click.UsageError("a run with upgrades can't be taken up again; start a new one")
        info = _folder(self.resume).read()
        then = info["options"]
        return replace(
            self,
            inputs=self.inputs or tuple(then["inputs"]),
            place=self._place_of(info["target"], then),
            speed=info["speed"],
            start=then["start"],
            duration=then["duration"],
            repeat=then["repeat"],
            prefix=info["namespacePrefix"],
            hook_files=tuple(then["hooks"]),
            fail_fast=then["failFast"],
            namespaces=tuple(then.get("namespaces", ())),
            selector=then.get("selector") or None,
            delays=_delays_of(then.get("podDelays")),
            interval=then.get("metricsInterval", self.interval),
            simulation=info["simulation"],
        )

    def _place_of(self, target: str, then: dict[str, Any]) -> Place:
        kind, _, name = target.partition(":")
        place = replace(self.place, at_once=then["atOnce"], keep=then["keep"])
        if place.where or place.cluster or place.context or place.kubeconfig:
            return place
        place = replace(place, cluster=then.get("cluster") or None)
        return replace(place, context=name) if kind == "context" else replace(place, where=target)

    def plan(self) -> Plan:
        """Read what is to be replayed. Raises TraceError, and a usage error for what makes no sense."""
        from skel import __version__
        from skel.cli.replay_history import read_history
        from skel.replay.hooks import read_hooks
        from skel.replay.plan import Plan
        from skel.replay.pod_marks import Delays
        from skel.replay.schedule import Window
        from skel.storage.place import recorded

        history = read_history(self.inputs, "replay")
        choice = self._choice()
        return Plan(
            trace=self._chosen(history.trace, choice),
            simulation=self.simulation or f"skel-{token_hex(4)}",
            inputs=tuple(map(recorded, self.inputs)),
            manifests=history.manifests is not None,
            window=Window(self.start, self.duration, self.speed),
            repeat=self.repeat,
            prefix=_checked_prefix(self.prefix),
            at_once=self.place.at_once,
            fail_fast=self.fail_fast,
            keep=self.place.keep,
            known_cluster=self.known_cluster or self.place.is_local,
            cluster=self.place.cluster or "",
            source=self._source(),
            choice=choice,
            delays=self.delays or Delays(),
            interval=self.interval,
            hooks=read_hooks(self.hook_files),
            hook_files=self.hook_files,
            tool=__version__,
        )

    def _chosen(self, trace: Trace, choice: Choice) -> Trace:
        """What is left of a trace. Raises click's error if that is nothing."""
        from skel.cli.replay_history import refuse_nothing
        from skel.findings.labels import parse_selector
        from skel.replay.choosing import chosen

        refuse_nothing(trace, f"there is nothing to replay: no objects of a cluster in {', '.join(self.inputs)}")
        found = chosen(trace, choice.namespaces, parse_selector(choice.selector) if choice.selector else ())
        refuse_nothing(found, "there is nothing to replay: no object has such a namespace and such labels")
        return found

    def _source(self) -> str:
        """The minor that a run with upgrades begins with: that is where the trace is at home."""
        from skel.kube.release import parse_release

        release = (self.place.where or "").partition(":")[2]
        return parse_release(release) if self.upgrades and release else ""

    def _choice(self) -> Choice:
        from skel.findings.labels import parse_selector
        from skel.replay.plan import Choice

        if self.namespaces and self.everywhere:
            raise click.UsageError("--namespace and --all-namespaces exclude each other")
        try:
            parse_selector(self.selector) if self.selector else ()
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        return Choice(self.namespaces, self.selector or "")

    def folder(self) -> RunFolder | None:
        """Where the record goes; a dry run keeps one only if it is asked to, or for a page."""
        if self.resume or self.run_dir:
            return _folder(self.resume or self.run_dir or "")
        if self.place.is_dry and self.report is None and not self.parquet:
            return None
        from skel.storage.packing import plain_name

        stamp = datetime.now(UTC).strftime("%Y%m%dT%H%M%SZ")
        return _folder(f"{_RUNS}/{PurePath(plain_name(self.inputs[0])).stem or 'run'}-{self.place.word}-{stamp}")


def speed(_: click.Context, __: click.Parameter, value: str) -> float | None:
    """A factor above 0; None for `max`."""
    if value == "max":
        return None
    try:
        factor = float(value.removesuffix("x"))
    except ValueError:
        factor = 0.0
    if not 0 < factor < float("inf"):
        raise click.BadParameter(f"a factor such as 60, or `max`, not {value!r}")
    return factor


def duration(_: click.Context, __: click.Parameter, value: str | None) -> float | None:
    """Seconds of a length of time such as 10m or 2d."""
    from skel.trace.instant import parse_length

    seconds = None if value is None else parse_length(value)
    if value is not None and (seconds is None or seconds < 0):
        raise click.BadParameter(f"a duration such as 90s, 1h30m or 2d, not {value!r}")
    return seconds


def pod_delays(_: click.Context, __: click.Parameter, values: tuple[str, ...]) -> Delays | None:
    """`create=1s`, `ready=500ms..3s`, `complete=10m`: how long pods take, exactly or between two times."""
    from skel.kube.duration import parse_duration
    from skel.replay.pod_marks import Delays

    found: dict[str, int] = {}
    for value in values:
        step, *times = value.replace("..", "=").split("=")
        seconds = [parse_duration(time) for time in times]
        if (
            step not in {"create", "ready", "complete"}
            or len(seconds) not in {1, 2}
            or not all(_is_time(one) for one in seconds)
        ):
            raise click.BadParameter(f"create, ready or complete, then =TIME or =TIME..TIME, not {value!r}")
        least, *most = (round((one or 0.0) * 1000) for one in seconds)
        found |= {step: least, f"{step}_jitter": most[0] if most else 0}
    return Delays(**found) if found else None


def _is_time(seconds: float | None) -> bool:
    return seconds is not None and seconds >= 0


def _delays_of(recorded: dict[str, int] | None) -> Delays | None:
    from skel.replay.pod_marks import Delays

    return Delays(**recorded) if recorded else None


def voice() -> Voice:
    """Sentences on standard error; progress too, if it is a terminal."""
    from skel.replay.plan import Voice

    show = _Line() if sys.stderr.isatty() else None
    tell = show.tell if show else _tell
    return Voice(tell, show) if show else Voice(tell)


def _tell(text: str) -> None:
    click.echo(text, err=True)


class _Line:
    """One line that is written over and over."""

    def __init__(self) -> None:
        self._next = 0.0

    def tell(self, text: str) -> None:
        click.echo(f"\r\x1b[K{text}", err=True)

    def __call__(self, progress: Progress) -> None:
        if monotonic() < self._next:
            return
        self._next = monotonic() + _SHOWN_SECONDS
        parts = [
            f"{_clock(progress.time)} of {_clock(progress.length)}",
            f"{progress.steps:,} objects",
            f"{progress.rejected:,} rejected",
        ]
        parts += [f"{progress.behind:.1f} s behind"] if progress.behind >= _SHOWN_SECONDS else []
        parts += ["paused"] if progress.is_paused else []
        click.echo(f"\r\x1b[K{', '.join(parts)}", err=True, nl=False)


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    return f"{minutes // 60}:{minutes % 60:02}:{rest:02}"


def _folder(name: str) -> RunFolder:
    from skel.replay.run_folder import RunFolder

    return RunFolder(Path(name))


def _checked_prefix(prefix: str) -> str:
    from skel.replay.namespaces import is_label

    if not is_label(prefix):
        raise click.UsageError(f"--namespace-prefix takes a word of a-z, 0-9 and -, not {prefix!r}")
    return prefix
