"""What there is for faults: failure modes, invariants, actions."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from skel.faults.actions import ACTIONS
from skel.faults.catalogue import Entry
from skel.faults.model import TRIGGERS, Expectation
from skel.faults.oracles.oracle import Oracle
from skel.faults.scenario.form import slots
from skel.patch.values import Json
from skel.report.terminal import Paint


def mode_lines(entries: Iterable[Entry], paint: Paint) -> Iterator[str]:
    for entry in entries:
        yield f"{paint(entry.name, 'bold')}  {entry.scenario.title}"
        for it in entry.scenario.expect:
            yield paint(f"    {expectation(it)}", "dim")


def expectation(it: Expectation) -> str:
    gates = " ".join(f"{name}={'on' if on else 'off'}" for name, on in it.gates.items())
    where = " ".join(filter(None, (it.kubernetes, gates))) or "any release"
    return f"{where}: {it.verdict.value}{f' ({it.oracle})' if it.oracle else ''}"


def mode_json(entries: Iterable[Entry]) -> Json:
    return [
        {
            "name": entry.name,
            "title": entry.scenario.title,
            "target": entry.scenario.target,
            "links": [*entry.scenario.links],
            "expect": [
                {
                    "kubernetes": it.kubernetes,
                    "gates": dict(it.gates),
                    "verdict": it.verdict.value,
                    "invariant": it.oracle,
                }
                for it in entry.scenario.expect
            ],
        }
        for entry in entries
    ]


def oracle_rows(known: Iterable[type[Oracle]]) -> list[Json]:
    return [{"name": oracle.name, "about": oracle.about} for oracle in known]


def action_rows() -> list[Json]:
    """Actions and triggers with their fields; the first field is that of the short form."""
    return [
        {
            "name": form.word,
            "about": " ".join((form.__doc__ or "").split())
            if not (form.__doc__ or "").startswith(form.__name__)
            else "",
            "trigger": form in TRIGGERS,
            "legal": getattr(form, "is_legal", True),
            "fields": {slot.key: slot.about for slot in slots(form)},
        }
        for form in (*ACTIONS, *TRIGGERS)
    ]


def row_lines(rows: Iterable[Json], paint: Paint) -> Iterator[str]:
    for row in rows:
        kind = " (trigger)" if row.get("trigger") else "" if row.get("legal", True) else " (illegal)"
        yield f"{paint(row['name'], 'bold')}{paint(kind, 'yellow')}  {row['about']}"
        for key, about in row.get("fields", {}).items():
            yield paint(f"    {key}: {about}", "dim")
