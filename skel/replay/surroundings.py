"""What goes on around each round of a replay on a real cluster: lifetimes come in, and what happens is observed."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from skel.client.access import Access
from skel.client.connection import Connection
from skel.cluster.cluster import Cluster, find, names
from skel.cluster.state import home, read_state
from skel.patch.values import Json
from skel.replay.clock import Pace
from skel.replay.component_metrics import Component, local_components
from skel.replay.driver import Around, Driver
from skel.replay.injecting import Injection, injecting
from skel.replay.lifetimes import LifetimeBook
from skel.replay.observe import Look, Observation, kinds_of, observing
from skel.replay.plan import Plan, Voice
from skel.replay.pod_lines import Instant
from skel.replay.pod_marks import Delays
from skel.replay.run_folder import RunFolder
from skel.replay.target import Target
from skel.replay.virtual import Simulation
from skel.replay.webhook import Reach

_UNLIMITED = 0


@dataclass(frozen=True, slots=True)
class Means:
    """How the cluster can be used. `folder` is the run directory, None to observe nothing."""

    access: Access
    folder: Path | None = None
    reach: Reach | None = None
    components: tuple[Component, ...] = ()
    delays: Delays = field(default_factory=Delays)
    interval: float = 15.0


class Surroundings:
    """Of one run. Use `around` for each round; `info` is what `run.json` says of all of them."""

    def __init__(self, plan: Plan, means: Means, tell: Callable[[str], None] = lambda _: None) -> None:
        """`tell` hears of problems, behind each round."""
        self._tell = tell
        self._window = plan.window
        self._means = means
        self._kinds = kinds_of(plan.trace)
        self._book = LifetimeBook(plan.trace.pod_lifecycles)
        self._injection = Injection(self._book)
        self._observation: Observation | None = None
        self._lines: Counter[str] = Counter()
        self._problems: list[str] = []

    @asynccontextmanager
    async def around(self, simulation: Simulation, pace: Pace, round_number: int = 0) -> AsyncIterator[None]:
        """Nothing that goes wrong with it ends the block."""
        self._book.restart()
        async with AsyncExitStack() as stack:
            stack.callback(self._remember)
            # Not the driver's: each watch holds a connection, and a webhook that waits for a free one would hold up
            # the requests of the driver that have them.
            connection = await stack.enter_async_context(Connection(self._means.access, at_once=_UNLIMITED))
            if self._means.folder is not None:
                seen = self._observing(
                    connection, self._means.folder, simulation, lambda: self._now(pace, round_number)
                )
                self._observation = await stack.enter_async_context(seen)
            self._injection = await stack.enter_async_context(self._injecting(connection, simulation))
            yield

    def _now(self, pace: Pace, round_number: int) -> Instant:
        """The simulated time; where everything goes as fast as it can, a second of the run is one of the trace."""
        elapsed = pace.elapsed()
        return Instant(self._window.start + elapsed * (self._window.speed or 1.0), elapsed, round_number)

    def _injecting(self, connection: Connection, simulation: Simulation) -> AbstractAsyncContextManager[Injection]:
        means, speed = self._means, self._window.speed
        return injecting(connection, self._book, simulation, speed=speed, delays=means.delays, reach=means.reach)

    def _observing(
        self, connection: Connection, folder: Path, simulation: Simulation, now: Callable[[], Instant]
    ) -> AbstractAsyncContextManager[Observation]:
        means = self._means
        look = Look(simulation, self._kinds, means.components, means.interval, speed=self._window.speed)
        return observing(connection, folder, look, now)

    def _remember(self) -> None:
        for problem in self.problems[len(self._problems) :]:
            self._tell(f"warning: {problem}")
        self._problems = list(self.problems)
        self._injection = replace(self._injection, problems=[])
        if self._observation is not None:
            self._lines += self._observation.lines
            self._observation = None

    @property
    def phases(self) -> Mapping[str, int]:
        """Pods of the simulation by phase, now."""
        return self._observation.phases if self._observation else {}

    @property
    def fallbacks(self) -> int:
        """Pods whose lifetimes were not found by the hash of their spec."""
        return self._book.counts.fallbacks

    @property
    def problems(self) -> tuple[str, ...]:
        """What is to be told to whoever looks, so far."""
        observed = self._observation.problems if self._observation else ()
        return (*self._problems, *self._injection.problems, *observed)

    def info(self) -> dict[str, Json]:
        """`lifetimes` and `observed` of `run.json`."""
        observed = {"lines": dict(sorted(self._lines.items())), "problems": list(self.problems)}
        return {"lifetimes": self._injection.summary(), "observed": observed}


def surrounded(
    plan: Plan, target: Target, access: Access, *, folder: RunFolder | None, voice: Voice, also: Sequence[Around] = ()
) -> tuple[Driver, Surroundings]:
    """A driver for a cluster, with everything around it; what is `also` around its rounds goes inside of that.

    Raises ClusterError if the state of a cluster of our own can't be read.
    """
    means = means_for(access, folder.path if folder else None)
    delays = plan.delays.scaled(plan.window.speed)
    surroundings = Surroundings(plan, replace(means, delays=delays, interval=plan.interval), voice.tell)
    driver = Driver(plan, target, folder=folder, voice=voice, around=(surroundings.around, *also))
    driver.facts = surroundings.info
    return driver, surroundings


def means_for(access: Access, folder: Path | None) -> Means:
    """How a cluster can be used: one of our own calls us, and lets all its components be asked. Raises ClusterError."""
    cluster = _own(access.server)
    if cluster is None:
        return Means(access, folder, components=(Component("kube-apiserver", access),))
    return Means(access, folder, local_reach(cluster), local_components(cluster))


def _own(server: str) -> Cluster | None:
    """The cluster of this user behind an address."""
    found = (find(name) for name in names() if read_state(home(name)) is not None)
    return next((cluster for cluster in found if cluster.server == server), None)


def local_reach(cluster: Cluster) -> Reach:
    """How the API server of a control plane of our own calls us: its authority signed a certificate for 127.0.0.1."""
    pki = cluster.folder / "pki"
    return Reach(pki / "server.crt", pki / "server.key", cluster.ca_file)
