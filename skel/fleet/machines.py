"""The engine of many machines: Dask distributed, with a scheduler of the user's or one on this machine."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from queue import Empty, SimpleQueue
from time import monotonic
from typing import Any
from uuid import uuid4

from skel.fleet.model import FleetError, Order, Outcome, given_up
from skel.fleet.work import check_one, version

Client = Any
Future = Any
"""Half of the library has no types."""

_ADDRESS = re.compile(r"(?:(?:tcp|tls|ws|wss)://)?(?:[^/:\s]+|\[[0-9a-fA-F:]+\]):\d+")
_CONNECT = 10.0
_WORKERS = 30.0
"""Seconds until a worker must be there, at the beginning and after the last one went."""
_LOOK = 2.0
"""Seconds between looks whether anybody is left."""


def run(
    order: Order, paths: Sequence[str], scheduler: str | None = None, workers: int | None = None
) -> Iterator[Outcome]:
    """Check all, and yield each as it is done. `scheduler` is an address such as tcp://host:8786; None starts one here
    with so many workers. Raises FleetError.
    """
    client, cluster = _connected(scheduler, workers)
    try:
        _meet(client, scheduler)
        yield from _results(client, order, paths)
    finally:
        with suppress(OSError, TimeoutError):
            client.close(timeout=2)
        if cluster is not None:
            cluster.close(timeout=5)


def _connected(scheduler: str | None, workers: int | None) -> tuple[Client, Any]:
    """A client, and the cluster if it is ours."""
    try:
        import distributed
    except ImportError:
        raise FleetError("Dask is not installed", "pip install 'skel-lang[fleet]' brings it") from None
    logging.getLogger("distributed").setLevel(logging.CRITICAL)
    library: Any = distributed
    if scheduler is None:
        cluster = library.LocalCluster(
            n_workers=workers, threads_per_worker=1, dashboard_address=None, silence_logs=logging.CRITICAL
        )
        return library.Client(cluster, set_as_default=False), cluster
    if not _ADDRESS.fullmatch(scheduler):
        raise FleetError(f"{scheduler} is no address of a scheduler", "write tcp://HOST:8786")
    try:
        return library.Client(scheduler, timeout=_CONNECT, set_as_default=False), None
    except (OSError, TimeoutError):
        message = f"no scheduler answers at {scheduler}"
        raise FleetError(message, "`dask scheduler` starts one, and says its address") from None


def _meet(client: Client, scheduler: str | None) -> None:
    """There must be somebody, with the same skel as here. Raises FleetError."""
    try:
        client.wait_for_workers(1, timeout=_WORKERS)
    except TimeoutError:
        raise FleetError(f"the scheduler at {scheduler} has no workers", "`dask worker` starts one") from None
    own = version()
    install = f"install skel {own} where the workers run"
    try:
        found: dict[str, str] = client.run(version)
    except ImportError:
        raise FleetError("the workers have no skel, or another one", install) from None
    other = next(((worker, said) for worker, said in sorted(found.items()) if said != own), None)
    if other is not None:
        raise FleetError(f"the worker {other[0]} has skel {other[1]}, this is {own}", install)


def _results(client: Client, order: Order, paths: Sequence[str]) -> Iterator[Outcome]:
    done: SimpleQueue[Future] = SimpleQueue()
    deaths = _Deaths()
    client.subscribe_topic("all", deaths.see)
    run_id = uuid4().hex[:8]
    pending = {f"skel-check-{run_id}-{number}": path for number, path in enumerate(paths)}
    futures = [client.submit(check_one, order, path, key=key, pure=False) for key, path in pending.items()]
    try:
        for future in futures:
            future.add_done_callback(done.put)
        for future in _finished(client, done, len(futures)):
            yield _outcome(future, pending[future.key], deaths.of(future.key))
    finally:
        with suppress(OSError, TimeoutError):
            client.unsubscribe_topic("all")
            client.cancel(futures)


def _outcome(future: Future, path: str, lost: tuple[str, ...]) -> Outcome:
    error = future.exception() if future.status == "error" else None
    if error is None:
        outcome: Outcome = future.result()
        return replace(outcome, lost=lost)
    if type(error).__name__ == "KilledWorker":
        return given_up(path, lost)
    return Outcome(path, error=f"{type(error).__name__}: {error}", lost=lost)


def _finished(client: Client, done: SimpleQueue[Future], count: int) -> Iterator[Future]:
    """Futures as they end. Raises FleetError when there is nobody left who could go on."""
    patience = _Patience(client)
    while count:
        try:
            future = done.get(timeout=_LOOK)
        except Empty:
            patience.look()
            continue
        if future.status in {"cancelled", "lost"}:
            raise _alone()
        patience.begin()
        count -= 1
        yield future


def _alone() -> FleetError:
    return FleetError("the connection to the scheduler is lost", "is it still there?")


class _Patience:
    """Waits for workers to come back, but not for ever."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._until = 0.0
        self.begin()

    def begin(self) -> None:
        self._until = monotonic() + _WORKERS

    def look(self) -> None:
        if self._client.status != "running":
            raise _alone()
        if self._client.scheduler_info(n_workers=1)["workers"]:
            self.begin()
        elif monotonic() > self._until:
            raise FleetError("all workers are gone", "start some, and run the command again")


class _Deaths:
    """Which workers died, and what they had in their hands."""

    def __init__(self) -> None:
        self._seen: list[tuple[str, frozenset[str]]] = []

    def see(self, event: tuple[float, Any]) -> None:
        said = event[1]
        if isinstance(said, dict) and said.get("action") == "remove-worker":
            self._seen.append((said.get("worker", "a worker"), frozenset(said.get("processing-tasks", ()))))

    def of(self, key: str) -> tuple[str, ...]:
        return tuple(worker for worker, tasks in self._seen if key in tasks)
