from __future__ import annotations

import re
from collections import Counter
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from skel import upgrade
from skel.patch.values import Json
from skel.tools.anonymise.run import anonymise, is_pseudonym
from skel.tools.anonymise.survivors import survivors
from skel.tools.secrets import find_secrets
from skel.trace.census import recompute_index
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.identity import identity_of
from skel.trace.model import Trace
from skel.trace.structure import structural_findings
from tests.conftest import ROOT

KEY = b"0123456789abcdef"
WORDS = ("acme", "zanzibar", "quokka", "hunter", "falcon")
FOUND = re.compile("|".join(WORDS), re.IGNORECASE)


def trace_of(*things: Any, **parts: Any) -> Trace:
    trace = Trace.make(
        [Event(10, list(map(encode_object, things)), [])], parts.pop("config", {}), {}, parts.pop("lives", {})
    )
    return trace.with_events(index=recompute_index(trace))


def hidden(*things: Any) -> list[dict[str, Any]]:
    return [decode_object(raw) for raw in anonymise(trace_of(*things), KEY).events[0].applied_objs]


def deployment(**labels: str) -> dict[str, Any]:
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "quokka", "namespace": "zanzibar", "labels": labels},
        "spec": {
            "replicas": 2,
            "selector": {"matchLabels": labels},
            "template": {
                "metadata": {"labels": labels},
                "spec": {
                    "nodeSelector": {"acme.example/pool": "falcon", "kubernetes.io/os": "linux"},
                    "tolerations": [{"key": "acme.example/pool", "operator": "Equal", "value": "falcon"}],
                    "schedulerName": "quokka-scheduler",
                    "topologySpreadConstraints": [{"topologyKey": "acme.example/rack", "maxSkew": 1}],
                    "containers": [
                        {
                            "name": "quokka",
                            "image": "registry.acme.example/quokka:1.2",
                            "env": [
                                {
                                    "name": "TEAM",
                                    "valueFrom": {"fieldRef": {"fieldPath": "metadata.labels['acme.example/team']"}},
                                },
                                {
                                    "name": "FPGAS",
                                    "valueFrom": {"resourceFieldRef": {"resource": "limits.acme.example/fpga"}},
                                },
                            ],
                            "resources": {"limits": {"acme.example/fpga": "1", "cpu": "1"}},
                        }
                    ],
                },
            },
        },
    }


def test_keys_with_a_domain_of_ones_own_are_renamed_everywhere_alike() -> None:
    (thing,) = hidden(deployment(**{"acme.example/team": "falcon", "app.kubernetes.io/name": "quokka"}))
    labels = thing["metadata"]["labels"]
    team, name = labels
    assert re.fullmatch(r"group-[a-z2-7]{10}\.example/key-[a-z2-7]{10}", team)
    assert name == "app.kubernetes.io/name"
    assert thing["spec"]["selector"]["matchLabels"] == thing["spec"]["template"]["metadata"]["labels"] == labels
    pod = thing["spec"]["template"]["spec"]
    pool = pod["tolerations"][0]["key"]
    assert pod["nodeSelector"] == {pool: pod["tolerations"][0]["value"], "kubernetes.io/os": "linux"}
    fields = [variable["valueFrom"] for variable in pod["containers"][0]["env"]]
    assert fields[0] == {"fieldRef": {"fieldPath": f"metadata.labels['{team}']"}}
    (fpga, _) = pod["containers"][0]["resources"]["limits"]
    assert fields[1] == {"resourceFieldRef": {"resource": f"limits.{fpga}"}}
    assert is_pseudonym(pod["schedulerName"])
    assert not FOUND.search(str(thing))


def test_keys_without_a_domain_stay_if_everybody_has_them() -> None:
    (thing,) = hidden(deployment(app="quokka", acme="quokka"))
    app, acme = thing["metadata"]["labels"]
    assert app == "app"
    assert is_pseudonym(acme)


WIDGET = {
    "apiVersion": "acme.example/v1beta1",
    "kind": "QuokkaSet",
    "metadata": {"name": "falcon", "namespace": "zanzibar"},
    "spec": {"replicas": 3, "zanzibarMode": "fast", "template": {"spec": {"containers": [{"name": "hunter"}]}}},
}
DEFINITION = {
    "apiVersion": "apiextensions.k8s.io/v1",
    "kind": "CustomResourceDefinition",
    "metadata": {"name": "quokkasets.acme.example"},
    "spec": {
        "group": "acme.example",
        "scope": "Namespaced",
        "names": {"kind": "QuokkaSet", "plural": "quokkasets", "singular": "quokkaset", "shortNames": ["quok"]},
        "versions": [
            {
                "name": "v1beta1",
                "served": True,
                "storage": True,
                "schema": {"openAPIV3Schema": {"description": "of Acme"}},
            }
        ],
    },
}
ROLE = {
    "apiVersion": "rbac.authorization.k8s.io/v1",
    "kind": "ClusterRole",
    "metadata": {"name": "acme"},
    "rules": [
        {
            "apiGroups": ["acme.example"],
            "resources": ["quokkasets", "quokkasets/status"],
            "resourceNames": ["falcon"],
            "verbs": ["get"],
        }
    ],
}
SCALER = {
    "apiVersion": "autoscaling/v2",
    "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "a", "namespace": "zanzibar"},
    "spec": {
        "scaleTargetRef": {"apiVersion": "acme.example/v1beta1", "kind": "QuokkaSet", "name": "falcon"},
        "maxReplicas": 4,
    },
}
SERVICE = {
    "apiVersion": "apiregistration.k8s.io/v1",
    "kind": "APIService",
    "metadata": {"name": "v1beta1.acme.example"},
    "spec": {"group": "acme.example", "version": "v1beta1", "service": {"name": "quokka", "namespace": "zanzibar"}},
}


def test_groups_and_kinds_of_ones_own() -> None:
    widget, definition, role, scaler, service = hidden(WIDGET, DEFINITION, ROLE, SCALER, SERVICE)
    group, kind = definition["spec"]["group"], definition["spec"]["names"]["kind"]
    plural = definition["spec"]["names"]["plural"]
    assert (widget["apiVersion"], widget["kind"]) == (f"{group}/v1beta1", kind)
    assert definition["metadata"]["name"] == f"{plural}.{group}"
    target = scaler["spec"]["scaleTargetRef"]
    assert target == {"apiVersion": f"{group}/v1beta1", "kind": kind, "name": widget["metadata"]["name"]}
    (rule,) = role["rules"]
    assert rule == {
        "apiGroups": [group],
        "resources": [plural, f"{plural}/status"],
        "resourceNames": [widget["metadata"]["name"]],
        "verbs": ["get"],
    }
    assert service["metadata"]["name"] == f"v1beta1.{group}"
    assert service["spec"]["group"] == group
    assert next(iter(widget["spec"])) == "replicas"
    assert widget["spec"]["template"]["spec"]["containers"]
    for thing in (widget, definition, role, scaler, service):
        assert not FOUND.search(str(thing))


def test_index_lifetimes_and_tracked_kinds_follow() -> None:
    owner = "acme.example/v1beta1.QuokkaSet"
    lives: Any = {(owner, "zanzibar/falcon"): {7: [{"Running": 11}]}, (owner, "zanzibar/gone"): {8: ["Empty"]}}
    tracked = {owner: {"podSpecTemplatePaths": ["/spec/template", "/spec/zanzibarMode"], "acme": 1}}
    before = trace_of(WIDGET, config={"trackedObjects": tracked, "acme": "x"}, lives=lives)
    after = anonymise(before.with_events(index={**before.index, "v1.Pod": {"zanzibar/unseen": 3}}), KEY)
    (kind,) = after.config["trackedObjects"]
    assert after.config["trackedObjects"][kind]["podSpecTemplatePaths"][0] == "/spec/template"
    assert after.index == recompute_index(after)
    ((new_owner, hashes),) = after.pod_lifecycles.items()
    assert new_owner[0] == kind
    assert [*hashes.values()] == [[{"Running": 11}]]
    assert 7 not in hashes
    assert structural_findings(after) == []
    assert not FOUND.search(repr(after.to_bytes()))


def test_the_same_key_gives_the_same_trace() -> None:
    trace = trace_of(deployment(app="quokka"), WIDGET)
    assert anonymise(trace, KEY).to_bytes() == anonymise(trace, KEY, workers=2).to_bytes()
    assert anonymise(trace, KEY).to_bytes() != anonymise(trace, b"another key, as long").to_bytes()


def test_a_key_is_needed() -> None:
    with pytest.raises(ValueError, match="need a key"):
        anonymise(trace_of(WIDGET), b"")


# ---- laws ------------------------------------------------------------------------------------------------------------

names = st.builds("-".join, st.lists(st.sampled_from(WORDS), min_size=1, max_size=3))
keys = st.one_of(
    st.builds(lambda word, name: f"{word}.example/{name}", st.sampled_from(WORDS), names),
    names,
    st.sampled_from(["app", "app.kubernetes.io/name", "helm.sh/chart"]),
)
label_maps = st.dictionaries(keys, names, max_size=3)


@st.composite
def objects(draw: st.DrawFn) -> dict[str, Any]:
    labels = draw(label_maps)
    kind = draw(st.sampled_from(["Deployment", "Service", "QuokkaSet", "ConfigMap", "Role"]))
    version = {"Deployment": "apps/v1", "QuokkaSet": "acme.example/v1", "Role": "rbac.authorization.k8s.io/v1"}.get(
        kind, "v1"
    )
    metadata = {"name": draw(names), "namespace": draw(names), "labels": labels, "annotations": draw(label_maps)}
    thing: dict[str, Any] = {"apiVersion": version, "kind": kind, "metadata": metadata}
    match kind:
        case "Deployment" | "QuokkaSet":
            container: dict[str, Any] = {
                "name": draw(names),
                "image": f"{draw(names)}/{draw(names)}:1.2",
                "args": draw(st.lists(names, max_size=2)),
            }
            container["env"] = [{"name": draw(names), "value": draw(names)}]
            pod = {"containers": [container], "serviceAccountName": draw(names), "nodeSelector": draw(label_maps)}
            thing["spec"] = {
                "replicas": 2,
                "selector": {"matchLabels": labels},
                "template": {"metadata": {"labels": labels}, "spec": pod},
            }
            if kind == "QuokkaSet":
                thing["spec"][draw(st.sampled_from(["zanzibarMode", "acme", "paused"]))] = draw(names)
        case "Service":
            thing["spec"] = {"selector": labels, "ports": [{"name": draw(names), "port": 80}]}
        case "ConfigMap":
            thing["data"] = draw(label_maps)
        case _:
            thing["rules"] = [
                {
                    "apiGroups": ["acme.example"],
                    "resources": ["quokkasets"],
                    "resourceNames": [draw(names)],
                    "verbs": ["get"],
                }
            ]
    return thing


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=40, phases=[Phase.explicit, Phase.generate])
@given(st.lists(objects(), min_size=1, max_size=3))
def test_no_word_survives_and_the_structure_is_the_same(things: list[dict[str, Any]]) -> None:
    before = trace_of(*things)
    after = anonymise(before, KEY)
    assert not FOUND.search(repr(after.to_bytes()))
    assert survivors(before, after) == []
    assert find_secrets(after, innocent=is_pseudonym) == []
    assert after.index == recompute_index(after)
    new = [decode_object(raw) for raw in after.events[0].applied_objs]
    assert len({identity_of(thing) for thing in new}) == len({identity_of(thing) for thing in things})
    for old, thing in zip(things, new, strict=True):
        for part in ("annotations", *(("data",) if old["kind"] == "ConfigMap" else ())):
            old.pop(part, None)
            old["metadata"].pop(part, None)
        assert shape(thing) == shape(old)


def shape(value: Json) -> Json:
    """Maps by the number of their entries, texts by nothing, numbers by their value."""
    match value:
        case dict():
            return sorted(repr(shape(item)) for item in value.values())
        case list():
            return [shape(item) for item in value]
        case str():
            return ""
        case _:
            return value


@cache
def findings_of(trace: Trace, target: str) -> Counter[tuple[str, str, str]]:
    found = upgrade.check(trace, source="1.20", target=target)
    return Counter(
        (finding.code, str(finding.severity), finding.object.kind if finding.object else "") for finding in found
    )


@pytest.mark.parametrize("target", ["1.22", "1.25", "1.33"])
def test_an_upgrade_finds_the_same(target: str, shared_traces: Path) -> None:
    for file in (ROOT / "examples" / "traces" / "shop.sktrace", *sorted(shared_traces.glob("*.sktrace"))):
        trace = Trace.open(str(file))
        assert findings_of(anonymise(trace, KEY), target) == findings_of(trace, target)


def test_a_migration_changes_the_same() -> None:
    trace = Trace.open(str(ROOT / "examples" / "traces" / "shop.sktrace"))
    before, after = (upgrade.migrate(each, source="1.21", target="1.25") for each in (trace, anonymise(trace, KEY)))
    assert before.changes.summary.changed == after.changes.summary.changed
    assert [rule.changed for rule in before.changes.summary.rules] == [
        rule.changed for rule in after.changes.summary.rules
    ]


def test_what_survives_is_told() -> None:
    zone = {"topology.kubernetes.io/zone": "zanzibar-rack-4"}
    before = trace_of({"apiVersion": "v1", "kind": "Node", "metadata": {"name": "zanzibar-1", "labels": zone}})
    ((word, place),) = survivors(before, anonymise(before, KEY))
    assert word == "zanzibar"
    assert place.endswith("/metadata/labels/topology.kubernetes.io~1zone")
