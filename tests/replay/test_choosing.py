from __future__ import annotations

from typing import Any

from skel.findings.labels import parse_selector
from skel.replay.choosing import chosen
from skel.trace.identity import sight
from skel.trace.model import Trace
from tests.replay.replays import deployment, history, simple


def labelled(name: str, **labels: str) -> Any:
    made = deployment(name)
    made["metadata"]["labels"] = labels
    return made


def names(trace: Trace) -> list[str]:
    found = (sight(raw) for event in trace.events for raw in (*event.applied_objs, *event.deleted_objs))
    return [seen.identity[1] for seen in found if seen]


def test_without_a_choice_it_is_the_same_trace() -> None:
    trace = history((0, [deployment("a")], []))
    assert chosen(trace, (), ()) is trace


def test_namespaces_leave_what_belongs_to_none() -> None:
    role = simple("ClusterRole", "reader", "rbac.authorization.k8s.io/v1", None)
    trace = history((0, [deployment("a"), deployment("b", "bank"), role], []), (5, [], [deployment("b", "bank")]))
    assert names(chosen(trace, ("shop",), ())) == ["shop/a", "reader"]
    assert names(chosen(trace, ("shop", "bank"), ())) == names(trace)


def test_labels_count_over_all_of_a_life() -> None:
    first = [labelled("a", tier="web"), labelled("b", tier="db"), simple("ConfigMap", "c")]
    trace = history((0, first, []), (5, [labelled("b", tier="web")], []), (9, [], [labelled("a")]))
    assert names(chosen(trace, (), parse_selector("tier=web"))) == ["shop/a", "shop/b", "shop/b", "shop/a"]
    assert names(chosen(trace, (), parse_selector("tier!=web"))) == ["shop/b", "shop/c", "shop/b"]
    assert names(chosen(trace, ("bank",), parse_selector("tier=web"))) == []
