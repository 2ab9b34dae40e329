"""The options of `skel record` as values, and the run that they ask for."""

from __future__ import annotations

import asyncio
import re
import signal
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from skel.client.access import Access
    from skel.record.live.session import Around, Orders, Outcome

_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kMG]?)(i?)B?")
_POWERS = {"": 0, "k": 1, "M": 2, "G": 3}
_ADDRESS = re.compile(r"(?P<host>[\w.-]*|\[[0-9A-Fa-f:]+\]):(?P<port>\d{1,5})")
_HOUR, _SEGMENT = 3600.0, 64_000_000


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked for, times in seconds."""

    target: str
    context: str | None
    kubeconfig: str | None
    length: float | None
    config: str | None
    kinds: tuple[str, ...]
    namespaces: tuple[str, ...]
    excluded: tuple[str, ...]
    selector: str
    every_change: bool
    drop: str
    secrets: bool
    rotate: float | None
    rotate_size: str | None
    journal: str | None
    serve: str | None
    keep: float | None

    def check(self) -> None:
        """Raises a usage error for what makes no sense."""
        if not self.target and not self.serve:
            raise click.UsageError("say where the trace goes with --output, or --serve it")
        if (self.rotate is not None or self.rotate_size) and self.is_file:
            raise click.UsageError("--rotate makes many traces: --output must be a folder or a URL that ends with `/`")
        if self.is_file and self.target != "-" and "://" not in self.target and Path(self.target).exists():
            raise click.UsageError(f"{self.target} is there already; what is recorded can't be had again: name another")

    @property
    def is_file(self) -> bool:
        return bool(self.target) and not self._is_folder

    @property
    def _is_folder(self) -> bool:
        return self.target.endswith("/") or ("://" not in self.target and Path(self.target).is_dir())

    def orders(self, access: Access) -> Orders:
        """Raises RecordError, TraceError and usage errors."""
        from skel.record.live.choosing import Scope
        from skel.record.live.recorder import Turn
        from skel.record.live.session import Orders
        from skel.record.noise import Noise
        from skel.record.tracked import read_config

        target = f"{self.target.rstrip('/')}/" if self._is_folder else self.target
        turn = Turn() if self.is_file else Turn(self.rotate or _HOUR, _bytes(self.rotate_size))
        return Orders(
            target,
            Path(self.journal) if self.journal else _journal(target, access),
            read_config(self.config) if self.config else None,
            self.kinds,
            Scope(self.namespaces, self.excluded, self.selector),
            self.every_change,
            Noise.of(self.drop),
            self.secrets,
            self.length,
            turn,
            self.keep or 0.0 if self.serve else 0.0,
        )


def run(asked: Asked) -> int:
    """Record, and say what came of it."""
    asked.check()
    try:
        import skel.client.connection  # noqa: F401  (whether it is there)
        from skel.record.live.session import record
    except ModuleNotFoundError as error:
        raise click.ClickException(f"recording needs {error.name}: pip install 'skel-lang[record]'") from None
    from skel.client.kubeconfig import load

    access = load(asked.kubeconfig, asked.context)
    orders = asked.orders(access)
    if (orders.journal / "recording.json").exists():
        _tell(f"goes on with the recording in {orders.journal}")
    _tell(f"records {access.server}, context {access.context}, and only reads from it")
    around = [*_server(asked), _view()]

    async def recorded() -> Outcome:
        stop = asyncio.Event()
        _heed_signals(stop)
        return await record(access, orders, stop, tell=_tell, around=around)

    _say(asyncio.run(recorded()), orders)
    return 0


def _heed_signals(stop: asyncio.Event) -> None:
    """The first one ends the recording as it should; a second one ends the program, and the journal stays."""
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        before = signal.getsignal(number)

        def heed(number: int = number, before: object = before) -> None:
            loop.remove_signal_handler(number)
            signal.signal(number, before)  # type: ignore[arg-type]
            _tell("ends the recording; once more to leave at once")
            stop.set()

        loop.add_signal_handler(number, heed)


def _say(outcome: Outcome, orders: Orders) -> None:
    trace = outcome.trace
    if trace is None:
        _tell(f"{outcome.figures.counts.events:,} events are in {orders.journal}")
        return
    length = trace.end - trace.start
    lives = f", {trace.lifetimes:,} lifetimes of pods" if trace.lifetimes else ""
    where = orders.target if orders.is_folder else {"-": "standard output"}.get(orders.target, orders.target)
    _tell(f"{where}: {trace.applied:,} objects applied, {trace.deleted:,} deleted{lives}, in {length:,} s")
    for problem in outcome.not_recorded:
        _tell(f"not recorded: {problem}")


def _view() -> Around:
    from skel.record.live.view import telling, watching

    if not sys.stderr.isatty():
        return telling()
    from rich.console import Console

    return watching(Console(stderr=True))


def _server(asked: Asked) -> list[Around]:
    if not asked.serve:
        return []
    found = _ADDRESS.fullmatch(asked.serve)
    if found is None or int(found["port"]) > 65_535:
        raise click.UsageError(f"--serve takes [HOST]:PORT, not {asked.serve!r}")
    try:
        from skel.record.server.app import serving
    except ModuleNotFoundError as error:
        raise click.ClickException(f"--serve needs {error.name}: pip install 'skel-lang[record]'") from None
    host = found["host"].strip("[]")
    return [serving(host, int(found["port"]), lambda port: _tell(f"listens on {found['host']}:{port}"))]


def _journal(target: str, access: Access) -> Path:
    """Beside a file or inside of a folder; for what is remote, where this user keeps such things."""
    if target and target != "-" and "://" not in target:
        return Path(f"{target}.journal" if not target.endswith("/") else f"{target}.skel-journal")
    from hashlib import sha256

    from platformdirs import user_state_path

    word = sha256(f"{target} {access.server}".encode()).hexdigest()[:12]
    return user_state_path("skel") / "recordings" / word


def _bytes(text: str | None) -> int:
    if text is None:
        return _SEGMENT
    found = _SIZE.fullmatch(text)
    if found is None:
        raise click.UsageError(f"--rotate-size takes a size such as 64MB, not {text!r}")
    return int(float(found[1]) * (1024 if found[3] else 1000) ** _POWERS[found[2]])


def _tell(text: str) -> None:
    click.echo(f"\r\x1b[K{text}" if sys.stderr.isatty() else text, err=True)
