"""What is known of Kubernetes releases, for people and for programs: `skel data`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from skel.kube.history import KindHistory, Lost, MinorChanges, Span
from skel.kube.release import DataInfo, Gvk, Life, Served, lookup, minors, served
from skel.kube.tables import Origin
from skel.kube.version import version_key
from skel.report.columns import columns, table
from skel.report.terminal import Paint

SCHEMA_VERSION = 1
MODULE = "k8s.io/kubernetes"
_OFF = "off by default"
_PART = ", no object of its own; the OpenAPI names only the version of it that the server prefers"


def as_json(key: str, content: Any, info: DataInfo) -> str:
    """A JSON document: the content under its key, beside the state of the data."""
    document = {"schemaVersion": SCHEMA_VERSION, "data": {"minors": list(info.minors), "checked": info.checked}}
    return json.dumps({**document, key: content}, indent=2) + "\n"


def known_lines(info: DataInfo, paint: Paint) -> Iterator[str]:
    """A line for each minor: from what it is known, and how much it serves."""
    rows = [(o.minor, _origin(o), str(len(served(o.minor))), str(_on(o.minor))) for o in info.origins]
    yield from table(("minor", "from the OpenAPI of", "kinds", "on by default"), rows, paint, right=(2, 3))
    yield f"{len(info.origins)} minors, {info}"


def known_json(info: DataInfo) -> list[dict[str, Any]]:
    return [
        {
            "minor": o.minor,
            "module": MODULE,
            "version": o.version,
            "sha256": o.sha256,
            "kinds": len(served(o.minor)),
            "onByDefault": _on(o.minor),
        }
        for o in info.origins
    ]


def _origin(origin: Origin) -> str:
    return f"{MODULE} {origin.version}".strip()


def _on(minor: str) -> int:
    return sum(entry.on_by_default for entry in served(minor).values())


def change_lines(found: MinorChanges, paint: Paint) -> Iterator[str]:
    """What changed in a minor, by what it means for the objects of the minor before."""
    yield paint(f"Kubernetes {found.minor}, compared with {found.before}", "bold")
    sections = (
        ("not served any more", [_lost_row(lost) for lost in found.lost]),
        ("off unless switched on", [_lost_row(lost) for lost in found.off]),
        ("on by default now", [_new_row(entry) for entry in found.on]),
        ("deprecated", [_deprecated_row(life, found.minor) for life in found.deprecated]),
        ("new", [_new_row(entry) for entry in found.added]),
    )
    for title, rows in sections:
        if rows:
            yield f"\n{paint(title, 'cyan')}"
            yield from (f"  {line}" for line in columns(rows))
    if not any(rows for _, rows in sections):
        yield "\nno kind came, went or was deprecated"


def _lost_row(lost: Lost) -> tuple[str, str, str]:
    entry = lost.entry
    instead = _instead(lost.replacement, entry.kind)
    return entry.api_version, entry.kind, instead if entry.on_by_default else f"{instead} (was {_OFF})"


def _instead(heir: Gvk | None, kind: str) -> str:
    if heir is None:
        return "nothing takes its place"
    return f"now {_replacement(heir, kind)}"


def _replacement(heir: Gvk, kind: str) -> str:
    """The apiVersion alone if the kind stays."""
    return heir[0] if heir[1] == kind else " ".join(heir)


def _new_row(entry: Served) -> tuple[str, str, str]:
    return entry.api_version, entry.kind, "" if entry.on_by_default else _OFF


def _deprecated_row(life: Life, minor: str) -> tuple[str, str, str]:
    end = life.removed or life.planned
    entry = lookup(life.api_version, life.kind, minor)
    off = "" if entry is None or entry.on_by_default else f" ({_OFF})"
    return life.api_version, life.kind, f"until {end}{off}" if end else off.strip()


def change_json(found: MinorChanges) -> dict[str, Any]:
    return {
        "minor": found.minor,
        "before": found.before,
        "removed": [_lost_json(lost) for lost in found.lost],
        "turnedOff": [_lost_json(lost) for lost in found.off],
        "turnedOn": [_served_json(entry) for entry in found.on],
        "deprecated": [_life_json(life) for life in found.deprecated],
        "new": [_served_json(entry) for entry in found.added],
    }


def _served_json(entry: Served) -> dict[str, Any]:
    return {
        "apiVersion": entry.api_version,
        "kind": entry.kind,
        "resource": entry.resource,
        "namespaced": entry.namespaced,
        "onByDefault": entry.on_by_default,
    }


def _lost_json(lost: Lost) -> dict[str, Any]:
    heir = lost.replacement
    found = _served_json(lost.entry)
    return {
        **{key: value for key, value in found.items() if key != "onByDefault"},
        "wasOnByDefault": lost.entry.on_by_default,
        "replacement": _gvk_json(heir),
    }


def _gvk_json(gvk: Gvk | None) -> dict[str, str] | None:
    return {"apiVersion": gvk[0], "kind": gvk[1]} if gvk else None


def _life_json(life: Life) -> dict[str, Any]:
    """Empty texts are what did not happen; JSON says null."""
    dates = {
        "introduced": life.introduced,
        "deprecated": life.deprecated,
        "removed": life.removed,
        "gone": life.gone,
        "planned": life.planned,
    }
    return {
        "apiVersion": life.api_version,
        "kind": life.kind,
        **{name: minor or None for name, minor in dates.items()},
        "replacement": _gvk_json(life.replacement),
    }


def kind_lines(histories: Sequence[KindHistory], paint: Paint) -> Iterator[str]:
    """A line for each apiVersion of a kind, oldest first."""
    heads = ("apiVersion", "kind", "introduced", "deprecated", "removed", "instead", "served")
    rows = [_life_row(history.life, history.spans) for history in histories]
    yield from table(heads, rows, paint)
    for resource, namespaced in dict.fromkeys((history.resource, history.namespaced) for history in histories):
        where = "in namespaces" if namespaced else "without namespace"
        yield f"{resource}: {where}{_PART if '/' in resource else ''}"
    if any("(" in row[3] + row[4] for row in rows):
        yield "(minor): announced"


def _life_row(life: Life, spans: Iterable[Span]) -> tuple[str, ...]:
    introduced = life.introduced or f"by {minors()[0]}"
    served_in = ", ".join(map(_span, spans))
    instead = _replacement(life.replacement, life.kind) if life.replacement else "-"
    removed = _date(life.removed or life.planned)
    return life.api_version, life.kind, introduced, _date(life.deprecated), removed, instead, served_in


def _date(minor: str) -> str:
    """A minor, in brackets if nobody knows it yet."""
    newest, key = version_key(minors()[-1]), version_key(minor)
    return f"({minor})" if newest and key and key > newest else minor or "-"


def _span(span: Span) -> str:
    newest = span.last == minors()[-1]
    text = span.first if span.first == span.last else f"{span.first} to {span.last}"
    text = f"since {span.first}" if newest else text
    return text if span.on_by_default else f"{text} if switched on"


def kind_json(histories: Iterable[KindHistory]) -> list[dict[str, Any]]:
    return [
        {
            **_life_json(history.life),
            "resource": history.resource,
            "namespaced": history.namespaced,
            "served": [{"first": s.first, "last": s.last, "onByDefault": s.on_by_default} for s in history.spans],
        }
        for history in histories
    ]
