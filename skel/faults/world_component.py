"""One component of a world: a process behind its own proxy, with its own clock."""

from __future__ import annotations

import asyncio
import os
import signal
import ssl
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from skel.client.access import Access
from skel.client.connection import Connection
from skel.client.errors import ClientError
from skel.cluster.health import last_lines
from skel.cluster.process import is_running, read, record
from skel.cluster.state import Home, write_private
from skel.faults.clock.tracing import Start
from skel.faults.clock.virtual import Clock
from skel.faults.errors import FaultError
from skel.faults.process_idle import is_still
from skel.faults.proxy.proxy import Proxy
from skel.faults.work_queues import Work, work

SLOW = 1 / 1000
"""Virtual seconds in a real one while nobody gives it time: it all but stands still, yet every wait ends some day."""
_TAIL = 40
_GRACE = 3.0
_CERTAIN = 30.0
"""Seconds until also a loaded machine has ended what was killed."""


class Died(FaultError):
    """A component ended by itself. `log` is the end of what it printed."""

    def __init__(self, component: str, code: int, log: str) -> None:
        super().__init__(f"{component} ended by itself with {_ending(code)}")
        self.component = component
        self.log = log


@dataclass(frozen=True, slots=True)
class Program:
    """What is started. `health` and `metrics` are where it answers, empty where it does not."""

    name: str
    command: Sequence[str]
    address: str = ""
    health: str = ""
    metrics: str = ""
    environment: Mapping[str, str] = field(default_factory=dict)


class Component:
    """Use `start`, then the rest. Its kubeconfig leads to its proxy."""

    def __init__(self, program: Program, place: Home, proxy: Proxy, clock: Clock) -> None:
        self.name = program.name
        self.proxy = proxy
        self.clock = clock
        self.is_paused = False
        self.is_ready = False
        self.starts = 0
        self._program = program
        self._place = place
        self._process: subprocess.Popen[bytes] | None = None
        self._asking: Connection | None = None

    @property
    def log(self) -> Path:
        return self._place.log(self.name)

    @property
    def is_up(self) -> bool:
        """Whether it is supposed to run, and not stopped."""
        return self._process is not None and not self.is_paused

    def start(self) -> None:
        """Start it; it is not ready yet. Raises FaultError, also if there is one on this cluster already."""
        file = self._place.pid(self.name)
        if is_running(read(file)):
            raise FaultError(
                f"a {self.name} runs on the cluster `{self._place.name}` already",
                "two of them would do each other's work, and nothing that is seen would mean anything",
            )
        self.is_ready, self.is_paused = False, False
        self.starts += 1
        # It has to wait for its caches and the like: until it is ready, time goes by as usual.
        self.clock.rate(1)
        environment = {"HOME": str(self._place.folder), "PATH": os.defpath, **self._program.environment}
        self._process = self.clock.start(Start(self._program.command, self._place.folder, self.log, environment))
        record(self._process.pid, file)

    async def until_ready(self, patience: float) -> None:
        """Return when it says that it is healthy. Raises Died, and FaultError if it never does."""
        until = asyncio.get_running_loop().time() + patience
        while not self.is_ready:
            self.check()
            self.is_ready = await self._answers()
            if not self.is_ready and asyncio.get_running_loop().time() > until:
                raise FaultError(f"{self.name} does not answer after {patience:g} s; {self._said()}")
            if not self.is_ready:
                await asyncio.sleep(0.05)

    def check(self) -> None:
        """Raises Died if it ended although nobody asked it to."""
        if self._process is not None and (code := self._process.poll()) is not None:
            self._gone()
            raise Died(self.name, code, "\n".join(last_lines(self.log, _TAIL)))

    def is_still(self) -> bool | None:
        """Whether it only waits; None where that can't be told."""
        return is_still(self._process.pid) if self._process is not None else True

    async def work(self) -> Work:
        """What it has left to do, as its metrics say; one without metrics has nothing."""
        if not self._program.metrics:
            return Work()
        try:
            return work(await self._get(self._program.metrics))
        except ClientError:
            self.check()
            return Work(is_there=True)

    # --- faults of a process

    def pause(self) -> None:
        self._say(signal.SIGSTOP)
        self.is_paused = True

    def resume(self) -> None:
        self._say(signal.SIGCONT)
        self.is_paused = False

    async def kill(self) -> None:
        """Without warning."""
        await self._end(signal.SIGKILL, _GRACE)

    async def stop(self) -> None:
        """As a rollout would; a component that does not end in time is killed."""
        if self._process is None:
            return
        self.resume()
        self.clock.rate(1)  # or it would never be over with what it waits for
        await self._end(signal.SIGTERM, _GRACE)

    async def close(self) -> None:
        await self.kill()
        if self._asking is not None:
            await self._asking.close()
        self.clock.close()
        await self.proxy.close()

    async def _end(self, number: signal.Signals, grace: float) -> None:
        process, self._process = self._process, None  # that it ends is what was asked for
        if process is None:
            return
        _signal(process, number)
        if not await _ended(process, grace):
            _signal(process, signal.SIGKILL)
            await _ended(process, _CERTAIN)
        self._gone()

    def _gone(self) -> None:
        self._process = None
        self.is_ready = self.is_paused = False
        self._place.pid(self.name).unlink(missing_ok=True)

    def _say(self, number: signal.Signals) -> None:
        if self._process is not None:
            _signal(self._process, number)

    async def _answers(self) -> bool:
        if not self._program.health:
            return bool(self.proxy.watches)
        try:
            await self._get(self._program.health)
        except ClientError:
            return False
        return True

    async def _get(self, path: str) -> str:
        if self._asking is None:
            # Its certificate is nobody's business: the port is ours.
            self._asking = Connection(Access(self._program.address, insecure=True), at_once=1, timeout=5.0)
        return await self._asking.text(path)

    def _said(self) -> str:
        lines = last_lines(self.log, 5)
        return "its last words: " + " / ".join(lines) if lines else "it said nothing"


def _signal(process: subprocess.Popen[bytes], number: signal.Signals) -> None:
    if process.poll() is None:
        process.send_signal(number)


async def _ended(process: subprocess.Popen[bytes], grace: float) -> bool:
    until = asyncio.get_running_loop().time() + grace
    while process.poll() is None:
        if asyncio.get_running_loop().time() > until:
            return False
        await asyncio.sleep(0.005)
    return True


def _ending(code: int) -> str:
    return f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"


def write_kubeconfig(file: Path, url: str) -> None:
    """One that leads to a proxy, which knows as whom the component speaks."""
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "faults", "cluster": {"server": url}}],
        "users": [{"name": "component", "user": {}}],
        "contexts": [{"name": "faults", "context": {"cluster": "faults", "user": "component"}}],
        "current-context": "faults",
    }
    write_private(file, yaml.safe_dump(document, sort_keys=False))


def upstream_tls(place: Home) -> ssl.SSLContext:
    context = ssl.create_default_context(cafile=place.pki / "ca.crt")
    context.set_alpn_protocols(["http/1.1"])
    return context
