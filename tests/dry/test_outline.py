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
from skel.replay.dry.judge import Judge, Judged, part_as_bytes
from skel.replay.dry.kinds import Kind, Kinds
from skel.replay.halves import Later, Rest, encoded
from skel.trace.codec import encode_object
from tests.dry.mutate import places, put
from tests.dry.rows import valid_objects

MINORS = ("1.24", "1.25", "1.30", "1.36")
KINDS = {minor: Kinds(minor) for minor in MINORS}
_WHO = frozenset({"apiVersion", "kind", "metadata"})
WORKLOADS = [one for one in valid_objects() if one["kind"] in {*BUILT_IN, "ConfigMap"}]
SCHEDULES: st.SearchStrategy[Any] = st.sampled_from(
    ["0 * * * *", "@daily", "@every 5m", "61 * * * *", "", "TZ=UTC 0 * * * *", "CRON_TZ=X @daily", "=", None, 7]
)
TEXTS: st.SearchStrategy[Any] = st.dictionaries(
    st.sampled_from(["a", "b.yaml", "a b"]), st.sampled_from(["", "x", "y" * 700_000, None, 7]), max_size=2
)
IMAGES: st.SearchStrategy[Any] = st.sampled_from(["nginx", "a/b:c@sha256:0", "", " x", "x ", "ä b", None, 7, [], {}])
NUMBERS: st.SearchStrategy[Any] = st.sampled_from([0, 1, 2, 7, 2**31 - 1, 2**31, -1, True, 1.0, "3", None])
VALUES: st.SearchStrategy[Any] = st.sampled_from([None, -1, {}, [], "x y", True])


def kind_of(found: Json, minor: str) -> Kind | None:
    kinds = (KINDS[minor][key] for key in KINDS[minor] if key[0] == found["apiVersion"])
    return next((kind for kind in kinds if kind.kind == found["kind"]), None)


def recorded(found: Json) -> Rest:
    """As it comes from a trace: nothing is decoded yet."""
    part = {name: value for name, value in found.items() if name != "metadata"}
    return Rest(Later({name: encode_object(value) for name, value in part.items()}, lambda: encoded(part)))


def judged(by: Judge, found: Json, minor: str) -> Judged:
    kind = kind_of(found, minor)
    assert kind is not None
    return by.judge(kind, recorded(found), found["metadata"], Form.APPLIED)


def alone(found: Json, minor: str) -> Judged:
    """What is said of one that was decoded, by somebody who knows no others."""
    kind = kind_of(found, minor)
    assert kind is not None
    return Judge(int(minor.partition(".")[2])).judge(kind, Rest.of(found), found["metadata"], Form.APPLIED)


def fixed(found: Json, by: Judged, minor: str) -> bytes:
    """What can't be changed in it."""
    kind = kind_of(found, minor)
    return part_as_bytes(kind.fixed, by, Rest.of(found)) if kind and kind.fixed and by.is_good else b""


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
    if found["kind"] == "ConfigMap" and draw(st.booleans()):
        found |= draw(st.sampled_from([{"immutable": True}, {"binaryData": {"a": "eA=="}}, {"other": 1}]))
    made = []
    for _ in range(4):
        one = copy_json(found)
        if one["kind"] == "ConfigMap":
            one["data"] = draw(TEXTS)
        try:
            for container in [*pods(one)["containers"], *pods(one).get("initContainers", [])]:
                if draw(st.booleans()):
                    container["image"] = draw(IMAGES)
            if draw(st.booleans()):
                one["spec"]["replicas"] = draw(NUMBERS)
            if draw(st.booleans()):
                one["spec"]["schedule"] = draw(SCHEDULES)
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
            here, there = judged(one, sibling, minor), alone(sibling, minor)
            assert fixed(sibling, here, minor) == fixed(sibling, there, minor)
            assert here == there

    check()


@pytest.fixture
def looked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The kinds of the objects that were looked into."""
    found: list[str] = []
    look = Judge._judge

    def counted(self: Judge, kind: Kind, *rest: Any) -> Judged:
        found.append(kind.kind)
        return look(self, kind, *rest)

    monkeypatch.setattr(judge.Judge, "_judge", counted)
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
    """The number of pods counts there, and so does it in a outline."""
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


@pytest.mark.parametrize("minor", MINORS)
def test_workloads_are_drawn(minor: str) -> None:
    """All of those that say something different only if more than images and numbers is different."""
    drawn = {kind.kind for kind in KINDS[minor].values() if kind.outline is not None}
    assert drawn == {"ConfigMap", "CronJob", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"}
    for found in [one for one in WORKLOADS if one["kind"] in BUILT_IN]:
        kind = kind_of(found, minor)
        if kind is not None and kind.outline is not None:
            rest = recorded(found).kept
            assert isinstance(rest, Later)
            assert kind.outline.draw(rest.manifest)


def test_what_has_another_form_is_not_drawn() -> None:
    outline = KINDS["1.25"]["apps/v1", "deployments"].outline
    assert outline is not None
    deployment = next(found for found in WORKLOADS if found["kind"] == "Deployment")
    for place, value in [(("spec", "template"), None), (("spec", "other"), 1), (("spec",), None)]:
        rest = recorded(put(copy_json(deployment), place, value)).kept
        assert isinstance(rest, Later)
        assert outline.draw(rest.manifest) == b""
    assert outline.draw({}) == b""


def test_what_two_objects_share_is_judged_for_each_of_them() -> None:
    """CronJobs that are equal but for their names are one rest, and a name may be too long for the pods."""
    one, job = Judge(25), next(found for found in WORKLOADS if found["kind"] == "CronJob")
    kind = kind_of(job, "1.25")
    assert kind is not None
    rest = recorded(job)
    verdicts = [one.judge(kind, rest, {"name": name}, Form.APPLIED).is_good for name in ("short", "x" * 60, "short")]
    assert verdicts == [True, False, True]


def test_other_names_are_another_matter(looked: list[str]) -> None:
    """A CronJob is judged together with its name."""
    one = Judge(25)
    job = next(found for found in WORKLOADS if found["kind"] == "CronJob")
    assert judged(one, job, "1.25").is_good
    long = {**job, "metadata": {**job["metadata"], "name": "x" * 60}}
    assert not judged(one, long, "1.25").is_good
    assert looked == ["CronJob", "CronJob"]


def test_more_is_not_remembered_than_there_is_room_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judge, "_ALIKE", 3)
    one = Judge(25)
    for number in range(8):
        deployment = copy_json(next(found for found in WORKLOADS if found["kind"] == "Deployment"))
        deployment["spec"]["minReadySeconds"] = number
        assert judged(one, deployment, "1.25").is_good
        assert 0 < len(one._alike) <= 3


@pytest.mark.parametrize("kind", ["CronJob", "DaemonSet", "Deployment", "ReplicaSet", "StatefulSet"])
def test_what_can_not_change_is_not_what_an_outline_leaves_out(kind: str) -> None:
    """Those of one outline share it: were an image in it, a new one would look as if nothing had changed, or all."""
    one = Judge(25)
    parts = []
    for image in ("a", "b"):
        found = copy_json(next(found for found in WORKLOADS if found["kind"] == kind))
        pods(found)["containers"][0]["image"] = image
        assert fixed(found, judged(one, found, "1.25"), "1.25") == fixed(found, alone(found, "1.25"), "1.25")
        parts.append(fixed(found, alone(found, "1.25"), "1.25"))
    assert parts[0] == parts[1]


def config_map(**more: Json) -> Json:
    return {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "c", "namespace": "shop"}, **more}


def test_values_of_a_config_map_need_no_look_until_they_are_too_many(looked: list[str]) -> None:
    one = Judge(25)
    for size in (1, 5, 1000):
        assert judged(one, config_map(data={"a": "x" * size}), "1.25").is_good
    assert looked == ["ConfigMap"]
    assert not judged(one, config_map(data={"a": "x" * (1024 * 1024 + 1)}), "1.25").is_good


def test_values_that_are_sealed_are_looked_at() -> None:
    one = Judge(25)
    sealed = [config_map(data={"a": value}, immutable=True) for value in ("x", "y")]
    parts = [fixed(found, judged(one, found, "1.25"), "1.25") for found in sealed]
    assert parts == [fixed(found, alone(found, "1.25"), "1.25") for found in sealed]
    assert parts[0] != parts[1]


def test_values_count_together_with_those_in_binary_form() -> None:
    one = Judge(25)
    binary = {"b": "A" * (1024 * 1024)}
    assert judged(one, config_map(data={"a": "x"}, binaryData=binary), "1.25").is_good
    assert not judged(one, config_map(data={"a": "x" * 300_000}, binaryData=binary), "1.25").is_good
