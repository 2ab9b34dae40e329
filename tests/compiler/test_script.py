"""A generated function does what the closures do one by one, writes out what is simple, and decodes no more than it
looks at.
"""

from __future__ import annotations

import traceback
from typing import Any

import jsonpatch
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

import skel
from skel.compiler.program import BoundPhase, build
from skel.compiler.script import Script
from skel.engine.run import apply
from skel.trace.codec import decode_object
from tests.engine.making import plain, thing, trace

KEYS = ("a", "b", "c")
SCALARS = st.sampled_from([None, True, 0, 1, 1.0, "x", "y"])
MAPS = st.dictionaries(st.sampled_from(KEYS), SCALARS | st.dictionaries(st.sampled_from(KEYS), SCALARS))
ITEMS = st.lists(MAPS | st.none() | st.just("x"), max_size=3)
PODS = st.fixed_dictionaries({"containers": ITEMS}, optional={"volumes": ITEMS | st.just("none"), "a": MAPS | SCALARS})
SPECS = st.fixed_dictionaries(
    {"template": st.fixed_dictionaries({"spec": PODS}) | st.none()},
    optional=dict.fromkeys(KEYS, SCALARS),
)
CONTAINERS, VOLUMES = "spec.template.spec.containers[*]", "podSpec.volumes[*]"
COMMANDS = (
    "remove(spec.a);",
    "remove(spec.template.spec.a);",
    f"remove({CONTAINERS}.a);",
    f"remove({CONTAINERS}.b);",
    f"remove({CONTAINERS}.a.b);",
    "remove(spec.template.spec.containers[0].c);",
    'modify(spec.a = "x");',
    "modify(exists(spec.a) && spec.b != 1, spec.c = TRUE);",
    'modify(spec.template.spec.a.b = "y");',
    "default(spec.template.spec.a.c = 1);",
    "modify(spec.template.spec.a.a = metadata.name);",
    "modify(exists(spec.template.spec) && spec.a == 1, spec.template.spec.volumes = []);",
    "remove(!exists(spec.b) || spec.c > 0, spec.template.spec);",
    f"remove($x := {CONTAINERS} | exists($x.a), $x);",
    f"remove($x := {CONTAINERS} | (exists($x.a.b) || $x.b == 1), $x.c);",
    f'modify($x := {VOLUMES} | $x.a == "x" && $x.b != 0, $x.b = "z");',
    f"remove(@t >= 0 && $x := {VOLUMES} | exists($x.a) && $y := {CONTAINERS} | $y.a == $x.a, $y);",
    f"append(exists(spec.a) && $x := {CONTAINERS} | exists($x.b), $x.l, 1);",
    'modify(spec.b == 1, kind = "StatefulSet");',
    "delete(spec.a == TRUE);",
    'when spec.c == "x" { remove(spec.a); modify(spec.b = 1); }',
    f"when $x := {CONTAINERS} | exists($x.a) {{ remove($x.a); modify($x.b = 1); }}",
)


def outcome(text: str, spec: Any, *, scripts: bool) -> Any:
    old = trace((1, [thing(spec=spec)], []))
    program = build(skel.compile(text, name="p").module, scripts=scripts)
    new, changes = apply(program, old, workers=1)
    return new.to_bytes(), changes.summary, [(str(change.object), change.operations) for change in changes]


@given(SPECS, st.lists(st.sampled_from(COMMANDS), min_size=1, max_size=6))
def test_a_script_does_what_the_closures_do(spec: dict[str, Any], commands: list[str]) -> None:
    text = "\n".join(commands)
    assert outcome(text, spec, scripts=True) == outcome(text, spec, scripts=False)


REMOVALS = st.lists(
    st.builds("{}.{}".format, st.sampled_from(("spec", CONTAINERS, VOLUMES)), st.sampled_from(KEYS)),
    min_size=2,
    max_size=6,
)


@given(SPECS, REMOVALS)
def test_removals_that_share_a_walk_do_what_they_do_one_by_one(spec: dict[str, Any], paths: list[str]) -> None:
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


# ---- the text --------------------------------------------------------------------------------------------------------


def bound(text: str) -> BoundPhase:
    compiled = skel.compile(text).compiled
    (phase,) = compiled.plan.phases
    return BoundPhase(phase, compiled.options, {})  # type: ignore[arg-type]


def script(text: str) -> Script:
    return bound(text).script(("apps/v1", "Deployment"))


@pytest.mark.parametrize(
    "text",
    [
        "remove(status);",
        f"remove({CONTAINERS}.livenessProbe);",
        "remove(spec.replicas > 1 && !exists(spec.paused), spec.paused);",
        f"remove($x := {CONTAINERS} | exists($x.a), $x);",
        'modify($c := podSpec.containers[*] | $c.image == "a", $c.image = "b");',
        f"remove($x := {VOLUMES} | exists($x.a) && $y := {CONTAINERS} | $y.a == $x.a, $y);",
        "remove(@t > 10m, metadata.labels.a);",
    ],
)
def test_what_is_simple_is_written_out(text: str) -> None:
    source = script(text).source
    assert "selector" not in source
    assert "action" not in source


def test_neighbours_with_one_way_share_a_loop() -> None:
    source = script(
        "remove(podSpec.containers[*].a); remove(spec.template.spec.containers[*].b); remove(spec.c);"
    ).source
    assert source.count("for ") == 1


@pytest.mark.parametrize("key", ["it's", 'a"]; raise', "{}", "é\u2028", ""])
def test_texts_of_a_program_are_quoted(key: str) -> None:
    old = trace((1, [thing(spec={key: 1, "b": 2})], []))
    quote = "'" if '"' in key else '"'
    new, _ = skel.compile(f"remove(spec[{quote}{key}{quote}]);").apply(old)
    assert plain(new)[0][1][0]["spec"] == {"b": 2}


def test_a_traceback_shows_the_generated_line() -> None:
    with pytest.raises(AttributeError) as caught:
        script("remove(status);").run(None, [], set(), set())  # type: ignore[arg-type]
    assert "frame.holder" in "".join(traceback.format_exception(caught.value))


# ---- decoding less ---------------------------------------------------------------------------------------------------


def test_a_spec_that_no_step_looks_at_is_not_decoded() -> None:
    # The spec is written as no encoder does: 1 as a 64 bit integer. Its bytes stay.
    odd = b"\x81\xa8replicas\xcf" + (1).to_bytes(8, "big")
    raw = msgspec.msgpack.encode({**thing(), "spec": msgspec.Raw(odd), "status": {}})
    old = skel.Trace.from_bytes(trace((1, [], [])).to_bytes())
    events = [old.events[0].copy_with(1, [msgspec.Raw(raw)], [])]
    new, changes = skel.compile("remove(status);").apply(old.with_events(events))
    assert changes.summary.changed == 1
    after = bytes(new.events[0].applied_objs[0])
    assert odd in after
    assert decode_object(msgspec.Raw(after)) == {**thing(), "spec": {"replicas": 1}}


def test_what_a_script_may_look_at_is_decoded() -> None:
    assert shallow("remove(spec.a);") == (("apiVersion", "kind"), 1)
    assert shallow("remove(metadata.labels.a);") == (("apiVersion", "kind", "metadata"), 0)
    assert shallow("modify(spec.a = 1);") is None


def shallow(text: str) -> tuple[tuple[str, ...], int] | None:
    phase = bound(text)
    found = phase.shallow(phase.script(("apps/v1", "Deployment")))
    return None if found is None else (found.keys, len(found.chains))
