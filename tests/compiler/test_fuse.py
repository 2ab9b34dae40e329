"""Removals that share a walk do what they do one by one, and each rule still gets its due."""

from __future__ import annotations

from typing import Any

import jsonpatch
from hypothesis import given
from hypothesis import strategies as st

import skel
from skel.compiler.program import BoundPhase
from skel.trace.codec import decode_object
from tests.engine.making import plain, thing, trace

KEYS = ("a", "b", "c")
MAPS = st.dictionaries(st.sampled_from(KEYS), st.integers(0, 3))
SPECS = st.fixed_dictionaries(
    {
        "template": st.fixed_dictionaries(
            {"spec": st.fixed_dictionaries({"containers": st.lists(MAPS | st.none(), max_size=3)})}
        )
    },
    optional={key: st.integers(0, 3) for key in KEYS},
)
WAYS = ("spec", "spec.template.spec.containers[*]", "podSpec.containers[*]", "spec.template.spec.containers[0]")
PROGRAMS = st.lists(st.builds("{}.{}".format, st.sampled_from(WAYS), st.sampled_from(KEYS)), min_size=2, max_size=6)


def buckets(text: str) -> tuple[int, int]:
    """How many steps a Deployment meets, one by one and fused."""
    compiled = skel.compile(text).compiled
    (phase,) = compiled.plan.phases
    bucket = BoundPhase(phase, compiled.options, {}).bucket(("apps/v1", "Deployment"))  # type: ignore[arg-type]
    return len(bucket.steps), len(bucket.fused)


def test_neighbours_with_one_way_are_fused() -> None:
    assert buckets("remove(podSpec.containers[*].a); remove(spec.template.spec.containers[*].b); remove(spec.c);") == (
        3,
        2,
    )


def test_what_may_differ_is_not_fused() -> None:
    assert buckets("remove(spec.a); modify(spec.a = 1); remove(spec.b);") == (3, 3)
    assert buckets("remove(spec.a); remove(spec.a);") == (2, 2)
    assert buckets('remove(spec.a); remove(metadata.name == "x", spec.b);') == (2, 2)
    assert buckets("remove(spec.**.a); remove(spec.**.b);") == (2, 2)


@given(SPECS, PROGRAMS)
def test_fused_is_one_by_one(spec: dict[str, Any], paths: list[str]) -> None:
    old = trace((1, [thing(spec=spec)], []))
    lines = [f"remove({path});" for path in paths]
    together, changes = skel.compile("\n".join(lines), name="p").apply(old)
    apart, changed = old, []
    for line in lines:
        apart, done = skel.compile(line, name="p").apply(apart)
        changed.append(done.summary.changed)
    assert plain(together) == plain(apart)
    assert together.index == apart.index
    assert [rule.changed for rule in changes.summary.rules] == changed
    for change in changes.objects():
        assert change.before is not None
        assert change.after is not None
        patched = jsonpatch.apply_patch(decode_object(change.before), change.as_json()["operations"])
        assert patched == decode_object(change.after) == plain(together)[0][1][0]
