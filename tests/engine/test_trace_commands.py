from __future__ import annotations

import skel
from skel.trace.census import recompute_index
from tests.engine.making import plain, thing, trace

HOUR = trace(
    (1000, [], []),
    (1060, [thing(name="a", spec={"n": 1})], []),
    (1120, [thing(name="b", spec={"n": 2})], []),
    (1600, [], [thing(name="a", spec={"n": 1})]),
    tracked={"apps/v1.Deployment": {}},
    index={"apps/v1.Deployment": {"shop/a": 1, "shop/b": 2}},
    lifecycles={("apps/v1.Deployment", "shop/a"): {7: [{"Finished": [1060, 1090]}, {"Running": 1100}, "Empty"]}},
)


def run(text: str) -> tuple[skel.Trace, skel.Changes]:
    return skel.compile(text).apply(HOUR)


def test_insert_makes_the_event_that_is_missing() -> None:
    new, changes = run('insert(90s, {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "n1"}});')
    assert [event[0] for event in plain(new)] == [1000, 1060, 1090, 1120, 1600]
    assert plain(new)[2][1][0]["metadata"]["name"] == "n1"
    assert changes.summary.came == 1
    assert [str(change.object) for change in changes] == ["Node/n1"]


def test_insert_joins_an_event_of_the_same_second() -> None:
    new, _ = run('insert(1060, {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "c"}});')
    assert len(plain(new)) == 4
    assert [item["metadata"]["name"] for item in plain(new)[1][1]] == ["a", "c"]
    assert "c" in new.index["apps/v1.Deployment"]


def test_drop_takes_whole_events_and_what_was_known_of_them() -> None:
    new, changes = run("drop(@t == 60s || @t >= 10m);")
    assert [event[0] for event in plain(new)] == [1000, 1120]
    assert new.index == {"apps/v1.Deployment": {"shop/b": 2}}
    assert new.pod_lifecycles == {}
    assert changes.summary.went == 2


def test_shift_moves_events_and_lifetimes() -> None:
    new, changes = run("shift(10m);")
    assert (new.start, new.end) == (1600, 2200)
    assert new.pod_lifecycles["apps/v1.Deployment", "shop/a"] == {
        7: [{"Finished": [1660, 1690]}, {"Running": 1700}, "Empty"]
    }
    assert changes


def test_scale_stretches_from_the_first_event() -> None:
    new, _ = run("scale(0.5);")
    assert [event[0] for event in plain(new)] == [1000, 1030, 1060, 1300]
    assert new.pod_lifecycles["apps/v1.Deployment", "shop/a"][7][0] == {"Finished": [1030, 1045]}


def test_clones_get_names_hashes_and_lifetimes_of_their_own() -> None:
    new, changes = run('clone(metadata.name == "a", 2);')
    names = [[item["metadata"]["name"] for item in applied + deleted] for _, applied, deleted in plain(new)]
    assert names == [[], ["a", "a-1", "a-2"], ["b"], ["a", "a-1", "a-2"]]
    assert set(new.index["apps/v1.Deployment"]) == {"shop/a", "shop/b", "shop/a-1", "shop/a-2"}
    assert new.index["apps/v1.Deployment"]["shop/a-1"] == recompute_index(new)["apps/v1.Deployment"]["shop/a-1"]
    owners = {name for _, name in new.pod_lifecycles}
    assert owners == {"shop/a", "shop/a-1", "shop/a-2"}
    assert changes.summary.came == 4


def test_a_name_that_is_taken_is_passed_over() -> None:
    both = trace((1, [thing(name="a"), thing(name="a-1")], []))
    new, _ = skel.compile('clone(metadata.name == "a", 1);').apply(both)
    assert [item["metadata"]["name"] for item in plain(new)[0][1]] == ["a", "a-2", "a-1"]


def test_commands_take_effect_where_they_stand() -> None:
    new, _ = run(
        'clone(metadata.name == "b", 1); modify(metadata.name == "b-1", spec.n = 9); delete(metadata.name == "b");'
    )
    (clone,) = plain(new)[2][1]
    assert (clone["metadata"]["name"], clone["spec"]) == ("b-1", {"n": 9})
