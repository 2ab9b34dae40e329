"""What a worker does with one trace. It is called by name in another process, perhaps on another machine."""

from __future__ import annotations

from functools import lru_cache
from time import perf_counter

from skel.fleet.model import Order, Outcome
from skel.storage.errors import TraceError
from skel.trace.codec import without_gc
from skel.trace.model import Trace
from skel.upgrade.checking import Upgrade, check_trace, prepare
from skel.upgrade.packs import upgrade_packs


def check_one(order: Order, path: str) -> Outcome:
    """Check one trace. What is wrong with it is an outcome like any other."""
    began = perf_counter()
    try:
        with without_gc():
            found = check_trace(upgrade(order), Trace.open(path))
    except TraceError as error:
        return Outcome(path, error=error.message, hint=error.hint, seconds=perf_counter() - began)
    return Outcome(path, found, seconds=perf_counter() - began)


@lru_cache(maxsize=1)
def upgrade(order: Order) -> Upgrade:
    """The rules, compiled once a worker. Raises as `prepare` does."""
    packs = upgrade_packs(order.packs)
    return prepare(order.source, order.target, components=dict(order.components), packs=packs)


def version() -> str:
    """The skel that is installed where this is called; empty if it only lies there."""
    from importlib.metadata import PackageNotFoundError
    from importlib.metadata import version as installed

    try:
        return installed("skel-lang")
    except PackageNotFoundError:
        return ""
