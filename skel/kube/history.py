"""What changed from one minor to the next, for people who look before they leap."""

from __future__ import annotations

from dataclasses import dataclass

from skel.kube.release import Gvk, Life, Served, life, minors, parse_release, served, successor
from skel.kube.tables import KindRow, kind_rows
from skel.kube.version import VersionKey, version_key


@dataclass(frozen=True, slots=True)
class Lost:
    """A kind that a minor does not serve any more; `replacement` is what it serves in its place."""

    entry: Served
    replacement: Gvk | None


@dataclass(frozen=True, slots=True)
class MinorChanges:
    """What a minor serves other than the one before. `off`: still there, but it must be switched on; `on`: the
    contrary. `deprecated` are those that begin to warn.
    """

    minor: str
    before: str
    added: tuple[Served, ...]
    lost: tuple[Lost, ...]
    off: tuple[Lost, ...]
    on: tuple[Served, ...]
    deprecated: tuple[Life, ...]


def changes(minor: str) -> MinorChanges:
    """What changed in a minor. Raises UnknownRelease, and LookupError for the first known minor."""
    name = parse_release(minor)
    number = minors().index(name)
    if number == 0:
        raise LookupError(f"{name} is the first known minor; there is none before it to compare with")
    old, new = served(minors()[number - 1]), served(name)
    both = [gvk for gvk in new if gvk in old]
    return MinorChanges(
        name,
        minors()[number - 1],
        added=tuple(entry for gvk, entry in new.items() if gvk not in old),
        lost=tuple(_lost(entry, name) for gvk, entry in old.items() if gvk not in new),
        off=tuple(_lost(old[gvk], name) for gvk in both if old[gvk].on_by_default and not new[gvk].on_by_default),
        on=tuple(new[gvk] for gvk in both if new[gvk].on_by_default and not old[gvk].on_by_default),
        deprecated=tuple(found for gvk in new if (found := life(*gvk)) and found.deprecated == name),
    )


def _lost(entry: Served, minor: str) -> Lost:
    return Lost(entry, successor(entry.api_version, entry.kind, minor))


@dataclass(frozen=True, slots=True)
class KindHistory:
    """A kind in one apiVersion over all minors; `spans` are the runs of minors that serve it, first and last, and
    whether by default.
    """

    life: Life
    resource: str
    namespaced: bool
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Span:
    first: str
    last: str
    on_by_default: bool


def kind_history(api_version: str, kind: str) -> KindHistory | None:
    """None for a kind that no known minor serves."""
    found, row = life(api_version, kind), kind_rows().get((api_version, kind))
    if found is None or row is None:
        return None
    spans: list[Span] = []
    for number in sorted(row.served):
        on, minor = number in row.on, minors()[number]
        if spans and spans[-1].last == minors()[number - 1] and spans[-1].on_by_default == on:
            spans[-1] = Span(spans[-1].first, minor, on)
        else:
            spans.append(Span(minor, minor, on))
    return KindHistory(found, row.resource, row.namespaced, tuple(spans))


def histories_of(text: str) -> tuple[KindHistory, ...]:
    """All apiVersions of the kinds that a text names, oldest first: `CronJob`, `cronjobs` or `batch/v1.CronJob`,
    whatever the case. None if no known minor serves such a kind.
    """
    found = (kind_history(*gvk) for gvk, row in kind_rows().items() if text.lower() in _names(row))
    return tuple(sorted(filter(None, found), key=_age))


def _names(row: KindRow) -> set[str]:
    return {name.lower() for name in (row.kind, row.resource, f"{row.api_version}.{row.kind}")}


def _age(history: KindHistory) -> tuple[VersionKey, VersionKey]:
    """What came before the first known minor goes first."""
    oldest: VersionKey = ((), ())
    return version_key(history.life.introduced) or oldest, version_key(history.life.api_version) or oldest


def known_names() -> tuple[str, ...]:
    """The names of all kinds."""
    return tuple(sorted({kind for _, kind in kind_rows()}))
