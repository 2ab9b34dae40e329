"""What differs in images and numbers of pods alone is judged once, and as if it were judged each time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skel.kube.pod_template import BUILT_IN
from skel.patch.values import Json, copy_json
from skel.replay.dry import judge
from skel.replay.dry.decode import Form
from skel.replay.dry.judge import Judge, Judged
from skel.replay.dry.kinds import Kind, Kinds
from skel.replay.dry.likeness import likeness
from skel.replay.halves import Rest
from tests.dry.mutate import places, put
from tests.dry.rows import valid_objects

MINORS = ("1.24", "1.25", "1.30", "1.36")
KINDS = {minor: Kinds(minor) for minor in MINORS}
_WHO = frozenset({"apiVersion", "kind", "metadata"})
WORKLOADS = [one for one in valid_objects() if one["kind"] in BUILT_IN]
IMAGES: st.SearchStrategy[Any] = st.sampled_from(["nginx", "a/b:c@sha256:0", "", " x", "x ", "ä b", None, 7, [], {}])
NUMBERS: st.SearchStrategy[Any] = st.sampled_from([0, 1, 2, 7, 2**31 - 1, 2**31, -1, True, 1.0, "3", None])
VALUES: st.SearchStrategy[Any] = st.sampled_from([None, -1, {}, [], "x y", True])


def kind_of(found: Json, minor: str) -> Kind | None:
    kinds = (KINDS[minor][key] for key in KINDS[minor] if key[0] == found["apiVersion"])
    return next((kind for kind in kinds if kind.kind == found["kind"]), None)


def judged(by: Judge, found: Json, minor: str) -> Judged:
    kind = kind_of(found, minor)
    assert kind is not None
    return by.judge(kind, Rest.of(found), found["metadata"], Form.APPLIED)


def pods(found: Json) -> Json:
    for step in (*BUILT_IN[found["kind"]], "spec"):
        found = found[step]
    return found


@st.composite
def siblings(draw: st.DrawFn) -> list[Json]:
    """One object, sound or not, with images and numbers of all sorts."""
    found = copy_json(draw(st.sampled_from(WORKLOADS)))
    if draw(st.booleans()):
        put(found, draw(st.sampled_from([place for place, _ in places(found) if place[0] not in _WHO])), draw(VALUES))
    made = []
    for _ in range(4):
        one = copy_json(found)
        try:
            for container in [*pods(one)["containers"], *pods(one).get("initContainers", [])]:
                if draw(st.booleans()):
                    container["image"] = draw(IMAGES)
            if draw(st.booleans()):
                one["spec"]["replicas"] = draw(NUMBERS)
        except (KeyError, TypeError, AttributeError):
            pass  # the defect was on the way
        made.append(one)
    return made


@pytest.mark.parametrize("minor", MINORS)
def test_what_is_said_is_said_of_each(minor: str) -> None:
    number = int(minor.partition(".")[2])

    @given(found=siblings())
    @settings(max_examples=250, deadline=None)
    def check(found: list[Json]) -> None:
        if kind_of(found[0], minor) is None:
            return
        one = Judge(number)
        for sibling in found:
            assert judged(one, sibling, minor) == judged(Judge(number), sibling, minor)

    check()


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the objects that were looked into."""
    found: list[str] = []
    look = Judge._look

    def counted(self: Judge, kind: Kind, *rest: Any) -> Judged:
        found.append(kind.kind)
        return look(self, kind, *rest)

    monkeypatch.setattr(judge.Judge, "_look", counted)
    return found


def test_new_images_and_numbers_need_no_look(looked: list[str]) -> None:
    one = Judge(25)
    deployment = next(found for found in WORKLOADS if found["kind"] == "Deployment")
    for number in range(2, 9):
        deployment = copy_json(deployment)
        deployment["spec"]["replicas"] = number
        pods(deployment)["containers"][0]["image"] = f"registry.example.com/app:{number}"
        assert judged(one, deployment, "1.25").is_good
    assert looked == ["Deployment"]


def test_warnings_are_not_lost(looked: list[str]) -> None:
    one = Judge(25)
    deployment = copy_json(next(found for found in WORKLOADS if found["kind"] == "Deployment"))
    pods(deployment)["nodeSelector"] = {"beta.kubernetes.io/os": "linux"}
    first = judged(one, deployment, "1.25")
    deployment = copy_json(deployment)
    pods(deployment)["containers"][0]["image"] = "other"
    assert len(first.warnings) == 1
    assert judged(one, deployment, "1.25").warnings == first.warnings
    assert looked == ["Deployment"]


def test_many_pods_can_not_share_what_one_may_write_to() -> None:
    """The number of pods counts there, and so does it in a likeness."""
    disk = {"name": "d", "gcePersistentDisk": {"pdName": "d"}}
    one = Judge(25)
    deployment = copy_json(next(found for found in WORKLOADS if found["kind"] == "Deployment"))
    pods(deployment).setdefault("volumes", []).append(disk)
    verdicts = []
    for number in (1, 2, 0, 5):
        deployment = copy_json(deployment)
        deployment["spec"]["replicas"] = number
        verdicts.append(judged(one, deployment, "1.25").is_good)
    assert verdicts == [True, False, True, False]


def test_what_has_no_pods_has_no_likeness() -> None:
    assert likeness("ConfigMap", {"data": {}}) == b""
    assert likeness("Deployment", {"spec": {"template": None}}) == b""


def test_more_is_not_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "_ALIKE", 3)
    one = Judge(25)
    for number in range(8):
        deployment = copy_json(next(found for found in WORKLOADS if found["kind"] == "Deployment"))
        deployment["spec"]["minReadySeconds"] = number
        assert judged(one, deployment, "1.25").is_good
        assert 0 < len(one._good) <= 3
