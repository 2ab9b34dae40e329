"""Runs with faults as JSON: the verdicts and the canonical history. What was seen in detail is in a saved report."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from skel.faults.columns import Column, divergences
from skel.faults.levels import by_step, highest
from skel.faults.model import Moment
from skel.patch.values import Json
from skel.report.findings.view import View


def json_report(columns: Sequence[Column], view: View) -> Iterator[str]:
    """The first column stands at the top as well, for those who have but one."""
    del view
    first = columns[0]
    value = {
        "schemaVersion": 1,
        "scenario": first.first.scenario.name,
        "seed": first.first.scenario.seed,
        "target": first.first.scenario.target,
        **_column(first),
        "columns": [_column(column) for column in columns],
        "divergences": [
            {"from": it.before.title, "to": it.after.title, "before": _moment(it.left), "after": _moment(it.right)}
            for it in divergences(columns)
        ],
    }
    yield msgspec.json.format(msgspec.json.encode(value)).decode() + "\n"


def _column(column: Column) -> dict[str, Json]:
    report, same = column.shown, column.identical
    return {
        "kubernetes": report.kubernetes,
        "gates": dict(report.gates),
        "verdict": column.verdict.value,
        "legal": report.is_legal,
        "clock": report.clock,
        "violations": [msgspec.to_builtins(it) for it in report.violations],
        "pods": [*by_step(report)],
        "most_pods": highest(report),
        "history": [msgspec.to_builtins(it) for it in report.moments],
        "history_sha256": same.sha256,
        "runs": same.runs,
        "identical": same.count,
        "wall_seconds": [round(run.wall, 2) for run in column.reports],
        "never_triggered": report.never_triggered,
        "expected": column.expected.verdict.value if column.expected else None,
        "as_expected": column.is_as_expected,
        "log": report.log,
    }


def _moment(moment: Moment | None) -> Json:
    return msgspec.to_builtins(moment) if moment else None
