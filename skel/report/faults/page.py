"""Runs with faults as one HTML file that needs nothing else, and holds the reports themselves for later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest
from typing import Any

from skel.faults.columns import Column
from skel.faults.levels import highest
from skel.faults.model import Moment, Verdict
from skel.faults.scenario.emit import emit
from skel.faults.stored import embedded
from skel.report.faults import words
from skel.report.faults.story import story
from skel.report.findings.view import View
from skel.report.html import offline_page

Content = dict[str, Any]


def html_report(columns: Sequence[Column], view: View) -> Iterator[str]:
    """The page."""
    first = columns[0].first
    level, said = words.overall(columns)
    most = max((highest(report) for column in columns for report in column.reports), default=1)
    content: Content = {
        "title": first.scenario.name,
        "subtitle": first.scenario.title,
        "links": [link for link in first.scenario.links if link.startswith("https://")],
        "version": view.version,
        "made": view.made.strftime("%Y-%m-%d"),
        "verdict": {"level": level, "text": said},
        "illegal": not first.is_legal,
        "tiles": _tiles(columns),
        "columns": [_column(column, most) for column in columns],
        "heads": [column.title for column in columns],
        "history": list(_history(columns)),
        "scenario": emit(first.scenario),
        "data": embedded([report for column in columns for report in column.reports]),
    }
    yield offline_page(
        "faults.html.jinja", content, styles=("findings.css", "runs.css", "faults.css"), scripts=("faults.js",)
    )


def _tiles(columns: Sequence[Column]) -> list[Content]:
    reports = [report for column in columns for report in column.reports]
    broken = sum(report.verdict is Verdict.VIOLATED for report in reports)
    return [
        {"label": "runs", "text": str(len(reports)), "level": "plain"},
        {"label": "runs that violate an invariant", "text": str(broken), "level": "error" if broken else "none"},
        {"label": "histories identical", "text": _identical(columns), "level": "plain"},
        {"label": "pods at most", "text": str(max(map(highest, reports), default=0)), "level": "plain"},
        {"label": "steps", "text": str(len(reports[0].scenario.steps)), "level": "plain"},
    ]


def _identical(columns: Sequence[Column]) -> str:
    return ", ".join(f"{column.identical.count} of {column.identical.runs}" for column in columns)


def _column(column: Column, most: int) -> Content:
    shown = column.shown
    return {
        "title": column.title,
        "level": words.LEVELS[column.verdict],
        "word": column.verdict.value,
        "said": words.verdict(column),
        "repeated": words.repeated(column),
        "wall": f"{sum(it.wall for it in column.reports) / len(column.reports):.1f} s a run",
        "pods": words.pods(shown),
        "expected": words.expected(column),
        "is_as_expected": column.is_as_expected,
        "clock": shown.clock,
        "violations": [
            {"oracle": it.oracle, "object": it.object, "message": it.message, "place": words.place(it, shown)}
            for it in shown.violations
        ],
        "story": story(shown, column.title, most),
        "log": shown.log,
    }


def _history(columns: Sequence[Column]) -> Iterator[Content]:
    """A row for each moment, a cell for each column; `differs` where they are not the same."""
    for moments in zip_longest(*(column.first.moments for column in columns)):
        known = next(it for it in moments if it)
        cells = [_cell(it) for it in moments]
        differs = any(cell != cells[0] for cell in cells)
        yield {"step": known.step, "what": known.what, "cells": cells, "differs": differs}


def _cell(moment: Moment | None) -> list[str]:
    return [*moment.lines] if moment else []
