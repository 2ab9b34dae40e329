"""What the explorer knows, without a screen."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.report.terminal import Paint
from skel.trace.codec import Event, encode_object
from skel.trace.errors import TraceError
from skel.trace.model import Trace
from skel.tui import details
from skel.tui.density import Axis, chart, counts
from skel.tui.explorer import Explorer
from skel.tui.filtering import Filter
from skel.tui.rows import NOWHERE, Sign, clock, raw_of, read_rows
from skel.tui.trying import EMPTY, try_out

PLAIN = Paint(False)


def _object(name: str, replicas: int = 1, **more: object) -> dict[str, object]:
    metadata = {"name": name, "namespace": "shop"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": {"replicas": replicas}, **more}


def _trace(*events: tuple[int, list[dict[str, object]], list[dict[str, object]]]) -> Trace:
    return Trace.make(
        [Event(at, [encode_object(o) for o in there], [encode_object(o) for o in gone]) for at, there, gone in events],
        {"trackedObjects": {}},
        {},
        {},
    )


def test_rows_say_what_became_of_each_object() -> None:
    trace = _trace(
        (10, [_object("a"), _object("b")], []),
        (20, [_object("a", 2)], [_object("b")]),
        (30, [_object("b")], []),
    )
    rows = read_rows(trace)
    assert [(row.who[2], row.sign) for row in rows] == [
        ("a", Sign.CAME),
        ("b", Sign.CAME),
        ("a", Sign.CHANGED),
        ("b", Sign.WENT),
        ("b", Sign.CAME),
    ]
    assert [row.previous for row in rows] == [NOWHERE, NOWHERE, 0, 1, 3]
    assert bytes(raw_of(trace, rows[3])) == bytes(trace.events[1].deleted_objs[0])


def test_an_object_stays_itself_in_another_version_of_its_api() -> None:
    old: dict[str, object] = {"apiVersion": "batch/v1beta1", "kind": "CronJob", "metadata": {"name": "a"}}
    rows = read_rows(_trace((1, [old], []), (2, [{**old, "apiVersion": "batch/v1"}], [])))
    assert [row.sign for row in rows] == [Sign.CAME, Sign.CHANGED]


def test_names_from_strangers_do_not_speak_to_the_terminal() -> None:
    rows = read_rows(_trace((1, [_object("a\x1b[31m")], [])))
    assert rows[0].title == "Deployment shop/a\\x1b[31m"


def test_objects_without_a_name_are_shown() -> None:
    rows = read_rows(_trace((1, [{"kind": "Deployment"}], [])))
    assert rows[0].who == ("?", "", "?")


@pytest.mark.parametrize(
    ("seconds", "text"), [(0, "+0:00:00"), (3723, "+1:02:03"), (86_400 * 12 + 61, "+12d00:01:01"), (-5, "-0:00:05")]
)
def test_the_clock_tells_seconds_apart(seconds: int, text: str) -> None:
    assert clock(seconds) == text


@given(st.integers(1, 200), st.integers(0, 10**6), st.integers(0, 10**6))
def test_every_time_has_a_column_and_columns_lead_back(columns: int, start: int, span: int) -> None:
    axis = Axis(start, start + span, columns)
    assert axis.column(start) == 0
    assert 0 <= axis.column(start + span) < columns
    for column in {axis.column(start + span * part // 7) for part in range(8)}:
        assert axis.column(axis.time(column)) == column


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=50), st.integers(1, 5))
def test_the_chart_shows_whatever_happened(bars: list[int], height: int) -> None:
    lines = chart(bars, height)
    assert len(lines) == height
    for column, bar in enumerate(bars):
        assert (lines[-1][column] != " ") == (bar > 0)
    if max(bars):
        assert lines[0][bars.index(max(bars))] == "█"


def test_counts_add_up() -> None:
    assert counts(Axis(0, 9, 5), [0, 1, 2, 9]) == [2, 1, 0, 0, 1]


def _shown(explorer: Explorer, text: str) -> list[str]:
    return [explorer.rows[number].title for number in explorer.narrowed(text).shown]


def test_filters(explorer: Explorer) -> None:
    assert set(_shown(explorer, "kind:cronjob")) == {"CronJob shop/report"}
    assert set(_shown(explorer, "kind:CronJob kind:Ingress")) == {"CronJob shop/report", "Ingress shop/storefront"}
    assert set(_shown(explorer, "ns:sh* name:web kind:dep*")) == {"Deployment shop/web"}
    assert _shown(explorer, "ns:nowhere") == []
    assert len(_shown(explorer, "")) == len(explorer.rows)
    assert set(_shown(explorer, "RECOMMENDATIONS")) == {"ConfigMap shop/settings"}
    assert set(_shown(explorer, 'kind:* where kind == "Ingress"')) == {"Ingress shop/storefront"}


def test_a_field_that_there_is_not() -> None:
    with pytest.raises(TraceError, match="no field `knid`") as caught:
        Filter.parse("knid:Job")
    assert "kind:" in caught.value.hint


def test_a_word_with_a_colon_is_a_word(explorer: Explorer) -> None:
    assert Filter.parse("registry.shop.example/report:0.9.4").words == ("registry.shop.example/report:0.9.4",)
    assert set(_shown(explorer, "report:0.9.4")) == {"CronJob shop/report"}


def test_the_cursor_stays_at_its_row(explorer: Explorer) -> None:
    explorer.move_to(5)
    here = explorer.row
    assert here is not None
    explorer.adopt(explorer.narrowed(f"kind:{here.who[0]}"))
    assert explorer.row == here
    explorer.adopt(explorer.narrowed("kind:nothing"))
    assert explorer.shown == []
    explorer.adopt(explorer.narrowed(""))
    assert explorer.row == explorer.rows[0]


def test_versions_of_one_object(explorer: Explorer) -> None:
    explorer.adopt(explorer.narrowed("name:report"))
    assert explorer.move_to_version(1)
    assert explorer.cursor == 1
    assert explorer.move_to_version(-1)
    assert not explorer.move_to_version(-1)


def test_a_manifest_shows_no_secret() -> None:
    secret: dict[str, object] = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "s", "namespace": "shop"},
        "data": {"password": "aHVudGVyMg=="},
    }
    changed: dict[str, object] = {**secret, "data": {"password": "aHVudGVyMw=="}}
    trace = _trace((1, [secret], []), (2, [changed], []))
    rows = read_rows(trace)
    text = "\n".join(details.manifest(trace, rows[0]))
    assert "password" in text
    assert "aHVudGVyMg" not in text
    assert details.diff(trace, rows, 1, PLAIN) == ["  a secret is different"]


def test_the_diff_of_a_change() -> None:
    trace = _trace((1, [_object("a")], []), (2, [_object("a", 7)], []), (3, [], [_object("a", 7)]))
    rows = read_rows(trace)
    changed = details.diff(trace, rows, 1, PLAIN)
    assert "  -  replicas: 1" in changed
    assert "  +  replicas: 7" in changed
    assert "new" in details.diff(trace, rows, 0, PLAIN)[0]
    assert "deleted" in details.diff(trace, rows, 2, PLAIN)[0]


def test_lifetimes_of_an_owner() -> None:
    lives = {("batch/v1.Job", "shop/a"): {255: [{"Finished": [110, 175]}, {"Running": 120}, "Empty"]}}
    trace = Trace.make([Event(100, [], [])], {"trackedObjects": {}}, {}, lives)
    lines = details.lifetimes(trace, ("Job", "shop", "a"))
    assert lines[0] == "pods of spec 00000000000000ff: 3"
    assert "ran 1m05s" in lines[1]
    assert "still ran" in lines[2]
    assert details.lifetimes(trace, ("Job", "shop", "b")) == ["no lifetimes of pods are recorded for this object"]


def test_what_is_tried_is_never_an_exception(explorer: Explorer) -> None:
    session = explorer.session
    assert try_out(session, "", PLAIN).lines == EMPTY
    assert "objects match" in try_out(session, 'kind == "CronJob"', PLAIN).lines[0]
    broken = try_out(session, 'modify(kind == "CronJob", ', PLAIN)
    assert broken.trial is None
    assert any("error" in line for line in broken.lines)
    changes = try_out(session, 'modify(kind == "CronJob", apiVersion = "batch/v1")', PLAIN)
    assert changes.trial is not None
    assert "  +apiVersion: batch/v1" in changes.lines
    nothing = try_out(session, 'remove(kind == "Nothing", status);', PLAIN)
    assert nothing.trial is None
