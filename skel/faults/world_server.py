"""The API server of a world: the real one, by a clock that runs as usual but can be moved on, so that all clocks agree
when a trial begins.
"""

from __future__ import annotations

import asyncio
import os
import subprocess

from skel.cluster.binaries import Binaries
from skel.cluster.components import command
from skel.cluster.health import last_lines, wait_until_healthy
from skel.cluster.process import record
from skel.cluster.progress import Progress
from skel.cluster.state import Home, State
from skel.faults.clock.tracing import Start
from skel.faults.clock.virtual import Clock
from skel.faults.errors import FaultError

NAME = "kube-apiserver"
_PATIENCE = 10.0


class Server:
    """Use `start`, and `close` whatever happens."""

    def __init__(self, place: Home, state: State, clock: Clock) -> None:
        self.clock = clock
        self._place = place
        self._state = state
        self._process: subprocess.Popen[bytes] | None = None

    async def start(self, programs: Binaries, progress: Progress) -> None:
        """Return when it answers. Raises ClusterError, FaultError."""
        place, state = self._place, self._state
        line = command(NAME, programs.programs[NAME], place, state)
        environment = {"HOME": str(place.folder), "PATH": os.defpath}
        self._process = self.clock.start(Start(line, place.folder, place.log(NAME), environment))
        record(self._process.pid, place.pid(NAME))
        await asyncio.to_thread(wait_until_healthy, place, state, (NAME,), progress)

    def check(self) -> None:
        """Raises FaultError if it ended: then nothing that is seen means anything."""
        if self._process is not None and self._process.poll() is not None:
            words = " / ".join(last_lines(self._place.log(NAME), 3))
            raise FaultError(f"the API server of the world ended: {words}")

    async def close(self) -> None:
        """It would wait ten seconds for its watches if it was asked to end."""
        if self._process is not None:
            self._process.kill()
            await asyncio.to_thread(self._process.wait, _PATIENCE)
        self.clock.close()
