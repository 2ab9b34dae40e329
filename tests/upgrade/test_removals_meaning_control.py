"""A rewritten object of the control plane means what it meant: webhooks, priority levels, slices, definitions."""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from typing import Any

from hypothesis import assume, given
from hypothesis import strategies as st

from skel.packs import registry
from skel.program import Program, compile_sources
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.model import Trace
from tests.upgrade.server_views import Manifest, without_nulls

ADMISSION = "admissionregistration.k8s.io"
FLOW = "flowcontrol.apiserver.k8s.io"
KEEP = "x-kubernetes-preserve-unknown-fields"
ZERO_IS_MEANT = "flowcontrol.k8s.io/v1beta3-preserve-zero-concurrency-shares"

NONEMPTY = {"url": "https://a.example"}


def maybe(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[Manifest]:
    """A map in which each field may be missing, null, or of the strategy."""
    return st.fixed_dictionaries({}, optional={key: st.none() | value for key, value in fields.items()})


@cache
def program(rule_id: str) -> Program:
    rule = registry.find("kubernetes").rule(rule_id)
    assert rule is not None
    return compile_sources([rule.source], targets={"kubernetes": rule.since})


def rewritten(rule_id: str, manifest: Manifest) -> Manifest:
    trace = Trace.make([Event(0, [encode_object(manifest)], [])], {"trackedObjects": {}}, {}, {})
    after, _ = program(rule_id).apply(trace, workers=1)
    found = decode_object(after.events[0].applied_objs[0])
    assert isinstance(found, dict)
    return found


# ---- webhooks: pkg/apis/admissionregistration/{v1beta1,v1}/defaults.go of Kubernetes 1.21 ----------

DEFAULTS: dict[str, Manifest] = {
    "v1beta1": {"failurePolicy": "Ignore", "matchPolicy": "Exact", "timeoutSeconds": 30},
    "v1": {"failurePolicy": "Fail", "matchPolicy": "Equivalent", "timeoutSeconds": 10},
}


def webhooks(manifest: Manifest) -> Manifest:
    """A configuration as a server shows it in v1, whatever version it was sent in."""
    version = manifest["apiVersion"].split("/")[1]
    view: Manifest = without_nulls(deepcopy(manifest))
    for webhook in view.get("webhooks", ()):
        for key, value in DEFAULTS[version].items():
            webhook.setdefault(key, value)
        if version == "v1beta1" and not webhook.get("admissionReviewVersions"):
            webhook["admissionReviewVersions"] = ["v1beta1"]
        assert webhook["sideEffects"] in ("None", "NoneOnDryRun")
    return {**view, "apiVersion": f"{ADMISSION}/v1"}


WEBHOOK = maybe(
    failurePolicy=st.sampled_from(["Ignore", "Fail"]),
    matchPolicy=st.sampled_from(["Exact", "Equivalent"]),
    timeoutSeconds=st.integers(1, 30),
    admissionReviewVersions=st.sampled_from([[], ["v1"], ["v1", "v1beta1"]]),
)


@given(st.none() | st.lists(st.tuples(WEBHOOK, st.sampled_from(["None", "NoneOnDryRun"])), max_size=3))
def test_webhooks(drawn: list[tuple[Manifest, str]] | None) -> None:
    items = (
        None
        if drawn is None
        else [
            {**fields, "name": f"{number}.shop.example", "sideEffects": effects, "clientConfig": NONEMPTY}
            for number, (fields, effects) in enumerate(drawn)
        ]
    )
    manifest = {"apiVersion": f"{ADMISSION}/v1beta1", "kind": "MutatingWebhookConfiguration", "webhooks": items}
    after = rewritten("webhooks-admissionregistration-v1", manifest)
    assert after["apiVersion"] == f"{ADMISSION}/v1"
    assert webhooks(after) == webhooks(manifest)


# ---- priority levels: pkg/apis/flowcontrol/*/{defaults,conversion}.go of Kubernetes 1.31 ----------


def level(manifest: Manifest) -> Manifest:
    """The shares that a server gives to the level, and what else the object says."""
    view: Manifest = without_nulls(deepcopy(manifest))
    version = view.pop("apiVersion").split("/")[1]
    meant = view.get("metadata", {}).get("annotations", {}).pop(ZERO_IS_MEANT, None) is not None
    limited = view["spec"].get("limited")
    if limited is not None:
        name = "assuredConcurrencyShares" if version in ("v1beta1", "v1beta2") else "nominalConcurrencyShares"
        shares = limited.pop(name, None if version == "v1" else 0)
        counts = version == "v1" or (version == "v1beta3" and meant)
        limited["shares"] = 30 if shares is None or (shares == 0 and not counts) else shares
    return view


@given(maybe(shares=st.integers(0, 2)), st.booleans(), st.sampled_from(["v1beta1", "v1beta2", "v1beta3"]))
def test_priority_levels(drawn: Manifest, meant: bool, version: str) -> None:
    old = "nominalConcurrencyShares" if version == "v1beta3" else "assuredConcurrencyShares"
    manifest = {
        "apiVersion": f"{FLOW}/{version}",
        "kind": "PriorityLevelConfiguration",
        "metadata": {"annotations": {ZERO_IS_MEANT: ""} if meant else {}},
        "spec": {"limited": {**({old: drawn["shares"]} if "shares" in drawn else {}), "lendablePercent": 10}},
    }
    assert level(rewritten(f"flowcontrol-{version}", manifest)) == level(manifest)


# ---- definitions: apiextensions-apiserver/pkg/apiserver/schema of Kubernetes 1.21 ----------

LEAF: st.SearchStrategy[Manifest] = st.sampled_from(
    [
        {"type": "string"},
        {"type": "integer", "minimum": 1},
        {},
        {"enum": ["a", "b"]},
        {"type": "object"},
        {"type": "array"},
        {"anyOf": [{"type": "string"}, {"type": "integer"}]},
        {"anyOf": [{"type": "integer"}, {"type": "string"}]},
        {"type": "object", "additionalProperties": True},
    ]
)
NAMES = st.sampled_from(["a", "b", "items", "type", "required", "additionalProperties"])


def _inner(below: st.SearchStrategy[Manifest]) -> st.SearchStrategy[Manifest]:
    return st.one_of(
        st.builds(
            lambda kind, names: {**kind, "properties": names},
            st.sampled_from([{}, {"type": "object"}, {"type": "object", "anyOf": [{"required": ["a"]}]}]),
            st.dictionaries(NAMES, below, max_size=3),
        ),
        below.map(lambda item: {"type": "array", "items": item}),
        below.map(lambda item: {"type": "object", "additionalProperties": item}),
    )


SCHEMAS = st.recursive(LEAF, _inner, max_leaves=8)


def definition(schema: Manifest) -> Manifest:
    return {
        "apiVersion": "apiextensions.k8s.io/v1beta1",
        "kind": "CustomResourceDefinition",
        "metadata": {"name": "carts.shop.example"},
        "spec": {
            "group": "shop.example",
            "version": "v1",
            "names": {"kind": "Cart", "plural": "carts"},
            "validation": {"openAPIV3Schema": {"properties": {"spec": schema, "metadata": {"type": "object"}}}},
        },
    }


def prune(value: Any, schema: Manifest | None) -> Any:
    """What a server of v1 keeps of a value: `prune` and `skipPrune` of pruning/algorithm.go."""
    keeps = (schema or {}).get(KEEP) is True
    match value:
        case dict():
            known, others = (schema or {}).get("properties", {}), (schema or {}).get("additionalProperties")
            below = others if isinstance(others, dict) else None
            kept = {key: item for key, item in value.items() if key in known or others is not None or keeps}
            return {
                key: prune(item, known[key]) if key in known else (item if others is None else prune(item, below))
                for key, item in kept.items()
            }
        case list():
            return value if keeps else [prune(item, (schema or {}).get("items")) for item in value]
        case _:
            return value


def example(schema: Manifest) -> Any:
    """A value with fields that the schema does not know, at every depth where there can be any."""
    match schema:
        case {"type": "string"} | {"enum": _} | {"anyOf": [{"type": _}, {"type": _}]}:
            return "a"
        case {"type": "integer"}:
            return 1
        case {"type": "array"}:
            return [example(schema.get("items", {}))]
        case {"additionalProperties": dict(below), "type": "object"}:
            return {"any": example(below)}
        case _:
            known = {key: example(item) for key, item in schema.get("properties", {}).items()}
            return {**known, "unknown": {"deep": [{"deeper": 1}]}}


def untyped(schema: Any, *, is_root: bool = True) -> list[Any]:
    """The parts of a schema that are not structural: no type, and nothing that stands for one."""
    here = [] if is_root or schema.keys() & {"type", KEEP, "x-kubernetes-int-or-string"} else [schema]
    below = [*schema.get("properties", {}).values()]
    below += [schema[key] for key in ("items", "additionalProperties") if isinstance(schema.get(key), dict)]
    return here + [part for item in below for part in untyped(item, is_root=False)]


@given(SCHEMAS)
def test_definitions_keep_what_they_kept(schema: Manifest) -> None:
    after = rewritten("crd-apiextensions-v1", definition(schema))
    assume(after["apiVersion"] == "apiextensions.k8s.io/v1")
    assert after["spec"]["preserveUnknownFields"] is False
    made = after["spec"]["versions"][0]["schema"]["openAPIV3Schema"]
    assert made["type"] == "object"
    assert untyped(made) == [], json.dumps(made)
    assert made["properties"]["metadata"] == {"type": "object"}
    cart = {"spec": example(schema), "unknown": {"deep": 1}}
    assert prune(cart, made) == cart
