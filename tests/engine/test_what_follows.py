"""Index, pod lifetimes and tracked kinds after a migration."""

from __future__ import annotations

from pathlib import Path

import pytest

import skel
from skel.trace.census import recompute_index
from skel.trace.index import spec_hash
from tests.engine.making import plain, thing, trace

ROOT = Path(__file__).resolve().parents[2]
RECORDED = ROOT.parent / "shared" / "traces" / "cronjob.sktrace"
OLD, NEW = "batch/v1beta1.CronJob", "batch/v1.CronJob"
BACK = 'modify(kind == "CronJob", apiVersion = "batch/v1beta1");'
FORTH = 'modify(kind == "CronJob" && apiVersion == "batch/v1beta1", apiVersion = "batch/v1");'


@pytest.mark.shared
@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded traces are not beside the project")
def test_recorded_lifetimes_survive_a_migration() -> None:
    recorded = skel.Trace.open(str(RECORDED))
    old, _ = skel.compile(BACK).apply(recorded)
    assert (list(old.index), list(old.pod_lifecycles)) == ([OLD], [(OLD, "default/hello-simkube")])
    new, _ = skel.compile(FORTH).apply(old)
    assert new.index == recorded.index == recompute_index(new)
    assert new.pod_lifecycles == recorded.pod_lifecycles
    assert new.config == recorded.config


def test_the_example_keeps_its_lifetimes_and_its_index_stays_true() -> None:
    old = skel.Trace.open(str(ROOT / "examples" / "traces" / "shop.sktrace"))
    owners = {name for kind, name in old.pod_lifecycles if kind == OLD}
    assert owners
    new, _ = skel.compile((ROOT / "examples" / "upgrade.skel").read_text()).apply(old)
    assert {name for kind, name in new.pod_lifecycles if kind == NEW} == owners
    assert not [kind for kind, _ in new.pod_lifecycles if kind == OLD]
    assert OLD not in new.config["trackedObjects"]
    assert new.config["trackedObjects"][NEW]["trackLifecycle"]
    known = recompute_index(new)
    assert {kind: {name: known[kind][name] for name in names} for kind, names in new.index.items()} == new.index


def test_deleted_objects_are_forgotten() -> None:
    old = trace(
        (1, [thing(name="a"), thing(name="b", spec=1)], []),
        (2, [thing(name="b", spec=2)], []),
        index={"apps/v1.Deployment": {"shop/a": 1, "shop/b": spec_hash(2)}},
        lifecycles={("apps/v1.Deployment", "shop/a"): {1: ["Empty"]}},
    )
    new, _ = skel.compile('delete(metadata.name == "a"); delete(metadata.name == "b" && @t == 0s);').apply(old)
    assert new.index == {"apps/v1.Deployment": {"shop/b": spec_hash(2)}}
    assert new.pod_lifecycles == {}


def test_the_version_before_counts_if_the_last_one_was_deleted() -> None:
    old = trace(
        (1, [thing(spec=1)], []),
        (2, [thing(spec=2)], []),
        index={"apps/v1.Deployment": {"shop/a": spec_hash(2)}},
    )
    new, _ = skel.compile("delete(@t == 1s);").apply(old)
    assert new.index == {"apps/v1.Deployment": {"shop/a": spec_hash(1)}}


def test_two_objects_that_swap_names_swap_what_is_known_of_them() -> None:
    old = trace(
        (1, [thing(name="a", spec=1), thing(name="b", spec=2)], []),
        index={"apps/v1.Deployment": {"shop/a": 11, "shop/b": 22}},
        lifecycles={("apps/v1.Deployment", "shop/a"): {1: ["Empty"]}},
    )
    new, _ = skel.compile(
        'rule "swap" { when metadata.name == "a" { modify(metadata.name = "c"); }'
        ' modify(metadata.name == "b", metadata.name = "a"); modify(metadata.name == "c", metadata.name = "b"); }'
    ).apply(old)
    assert list(new.pod_lifecycles) == [("apps/v1.Deployment", "shop/b")]
    assert new.index == {"apps/v1.Deployment": {"shop/a": spec_hash(2), "shop/b": spec_hash(1)}}


def test_an_object_that_takes_a_name_that_is_there_later() -> None:
    """The v1 object of the second event is not even decoded, and is the last version all the same."""
    old = trace(
        (1, [thing("CronJob", "a", "batch/v1beta1", spec={"n": 1})], []),
        (2, [thing("CronJob", "a", "batch/v1", spec={"n": 2})], []),
        index={OLD: {"shop/a": spec_hash({"n": 1})}, NEW: {"shop/a": spec_hash({"n": 2})}},
    )
    new, _ = skel.compile(FORTH).apply(old)
    assert new.index == {NEW: {"shop/a": spec_hash({"n": 2})}} == recompute_index(new)


def test_the_edges_stay_as_markers() -> None:
    old = trace((1, [thing()], []), (2, [thing(name="b")], []), (3, [thing(name="c")], []))
    new, _ = skel.compile("delete(*);").apply(old)
    assert plain(new) == [(1, [], []), (3, [], [])]
