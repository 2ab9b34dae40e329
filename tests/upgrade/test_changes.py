"""What changes within an API: every known change has its rule or a reason, and the rules do what an upgrade needs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

from skel.compiler.program import BoundPhase
from skel.findings.severity import Safety, Severity
from skel.kube.release import lookup, minors
from skel.kube.schema import validate
from skel.packs import registry
from skel.packs.cases import Case, Manifest, read_cases
from skel.packs.manifest import Pack, PackRule
from skel.program import Program
from skel.trace.codec import Event, decode_object, encode_object
from skel.trace.model import Trace
from skel.upgrade.checking import check
from skel.upgrade.route import KUBERNETES, Route
from skel.upgrade.selection import Stage, choose, compile_rules

FACTS = Path(__file__).parents[3] / "shared" / "facts"
TABLE: dict[str, list[dict[str, Any]]] = yaml.safe_load((Path(__file__).parent / "changes.yaml").read_text())


@cache
def pack() -> Pack:
    return registry.find(KUBERNETES)


@cache
def changes() -> tuple[PackRule, ...]:
    return tuple(rule for rule in pack().rules if rule.path.startswith("changes/"))


@cache
def cases(rule: PackRule) -> tuple[Case, ...]:
    found, problems = read_cases(rule.cases_file)
    assert not problems
    return tuple(found)


def examples() -> Iterator[tuple[PackRule, Case]]:
    return ((rule, case) for rule in changes() for case in cases(rule))


def trace_of(*objects: Manifest) -> Trace:
    events = [Event(number, [encode_object(item)], []) for number, item in enumerate(objects)]
    return Trace.make(events, {"trackedObjects": {}}, {}, {})


def objects_of(trace: Trace) -> list[list[Manifest]]:
    return [[decode_object(raw) for raw in event.applied_objs] for event in trace.events]


# ---- nothing is forgotten --------------------------------------------------------------------------------------------


def facts(file: str, key: str) -> list[dict[str, str]]:
    if not FACTS.is_dir():
        pytest.skip("the facts (../shared/facts) are not on this machine")
    rows: list[dict[str, str]] = json.loads((FACTS / file).read_text())[key]
    return rows


def test_every_known_change_has_its_rule_or_a_reason() -> None:
    known = [row["from"] for row in facts("other_changes.json", "rows")]
    assert [row["change"] for row in TABLE["rows"]] == known


def test_every_field_that_vanished_has_its_rule_or_a_reason() -> None:
    known = [f"{row['kind']} {row['path']}" for row in facts("field_changes.json", "same_gvk_curated")]
    assert [row["change"] for row in TABLE["fields"]] == known


def test_the_codes_of_the_table_are_those_of_rules() -> None:
    rows = [*TABLE["rows"], *TABLE["fields"]]
    assert all(row.get("codes") or row.get("why") for row in rows)
    named = {code for row in rows for code in row.get("codes", ())}
    assert named <= {rule.code for rule in pack().rules}


# ---- the objects of the cases are real -------------------------------------------------------------------------------


def problems(manifest: Manifest, minor: str) -> list[str]:
    """What the schema of that release says, of an object that it serves."""
    if lookup(str(manifest.get("apiVersion")), str(manifest.get("kind")), minor) is None:
        return []
    return [str(problem) for problem in validate(manifest, minor)]


@pytest.mark.parametrize("rule", changes(), ids=lambda rule: rule.id)
def test_what_a_rule_makes_fits_the_schema_of_its_release(rule: PackRule) -> None:
    target = rule.since or minors()[-1]
    made = [one for case in cases(rule) for one in case.expected.after or ()]
    assert [found for one in made for found in problems(one, target)] == []


@pytest.mark.parametrize("rule", changes(), ids=lambda rule: rule.id)
def test_what_a_rule_takes_fits_the_schema_of_the_release_before(rule: PackRule) -> None:
    """Or, where a case shows what is left alone, that of the release itself."""
    place = minors().index(rule.since or minors()[-1])
    for case in cases(rule):
        before = problems(case.before, minors()[max(place - bool(rule.since), 0)])
        assert before == [] or (case.is_quiet and problems(case.before, minors()[place]) == []), (case.name, before)


# ---- the way ---------------------------------------------------------------------------------------------------------


@cache
def program(source: str, target: str) -> Program:
    """The safe rewrites that are due on that way."""
    way = Route(KUBERNETES, source, target)
    due = [one for one in choose([pack()], {KUBERNETES: way}) if one.stage is Stage.DUE]
    chosen = tuple(one for one in due if one.rule in changes() and one.rule.safety is Safety.SAFE)
    return compile_rules(chosen, {KUBERNETES: way}).program


def test_hop_by_hop_equals_one_jump() -> None:
    originals = trace_of(*(case.before for _, case in examples()))
    jumped, _ = program(minors()[0], minors()[-1]).apply(originals, workers=1)
    hopped = originals
    for source, target in zip(minors(), minors()[1:], strict=False):
        hopped, _ = program(source, target).apply(hopped, workers=1)
    assert objects_of(hopped) == objects_of(jumped)


# ---- the morning after -----------------------------------------------------------------------------------------------

PEER: Manifest = {
    "apiVersion": "crd.projectcalico.org/v1",
    "kind": "BGPPeer",
    "metadata": {"name": "peer-with-route-reflectors"},
    "spec": {"nodeSelector": "all()", "peerSelector": "has(node-role.kubernetes.io/master)"},
}
MONITOR: Manifest = {
    "apiVersion": "apps/v1",
    "kind": "DaemonSet",
    "metadata": {"name": "etcd-monitor", "namespace": "kube-system"},
    "spec": {
        "selector": {"matchLabels": {"app": "etcd-monitor"}},
        "template": {
            "metadata": {"labels": {"app": "etcd-monitor"}},
            "spec": {
                "nodeSelector": {"node-role.kubernetes.io/master": ""},
                "tolerations": [{"key": "node-role.kubernetes.io/master", "effect": "NoSchedule"}],
                "containers": [{"name": "monitor", "image": "registry.example.com/monitor:1"}],
            },
        },
    },
}


def test_the_label_that_left_the_nodes_is_found_where_a_resource_of_others_selects_by_it() -> None:
    """A site lost its network when it went from 1.23 to 1.24: its route reflectors were chosen by this label."""
    found = check(trace_of(PEER, MONITOR), source="1.23", target="1.24")
    ours = {(one.code, one.object.name if one.object else "", one.severity) for one in found if one.code < "KU3"}
    assert ours >= {
        ("KU202", "peer-with-route-reflectors", Severity.ERROR),
        ("KU200", "etcd-monitor", Severity.ERROR),
        ("KU203", "etcd-monitor", Severity.ERROR),
    }
    (peer,) = [one for one in found if one.code == "KU202"]
    assert peer.fix is None
    assert peer.hop == "1.24"


def test_it_is_announced_before_and_no_matter_later() -> None:
    before = check(trace_of(PEER, MONITOR), source="1.21", target="1.22")
    assert {one.severity for one in before if one.code in {"KU200", "KU202", "KU203"}} == {Severity.WARNING}
    after = check(trace_of(PEER, MONITOR), source="1.24", target="1.25")
    assert [one.code for one in after if one.code in {"KU200", "KU202", "KU203"}] == []


def test_after_the_rewrite_the_pods_run_on_the_nodes_of_both_releases() -> None:
    made, _ = program("1.23", "1.24").apply(trace_of(MONITOR), workers=1)
    ((monitor,),) = objects_of(made)
    spec = monitor["spec"]["template"]["spec"]
    assert spec["nodeSelector"] == {"node-role.kubernetes.io/control-plane": ""}
    assert {one["key"] for one in spec["tolerations"]} == {
        "node-role.kubernetes.io/master",
        "node-role.kubernetes.io/control-plane",
    }


# ---- an ordinary object costs nothing --------------------------------------------------------------------------------

ORDINARY = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop, labels: {app: web}, annotations: {deployment.kubernetes.io/revision: "3"}}
spec:
  replicas: 3
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}, annotations: {checksum/config: 00ff, prometheus.io/scrape: "true"}}
    spec:
      serviceAccountName: web
      serviceAccount: web
      securityContext: {runAsNonRoot: true, seccompProfile: {type: RuntimeDefault}}
      nodeSelector: {kubernetes.io/os: linux}
      tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists, effect: NoExecute, tolerationSeconds: 300}]
      topologySpreadConstraints:
      - {maxSkew: 1, topologyKey: topology.kubernetes.io/zone, whenUnsatisfiable: DoNotSchedule}
      affinity:
        nodeAffinity:
          requiredDuringSchedulingIgnoredDuringExecution:
            nodeSelectorTerms: [{matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [amd64]}]}]
        podAntiAffinity:
          preferredDuringSchedulingIgnoredDuringExecution:
          - weight: 1
            podAffinityTerm: {topologyKey: kubernetes.io/hostname, labelSelector: {matchLabels: {app: web}}}
      initContainers: [{name: wait, image: "busybox:1.36", command: [sh, -c, exit]}]
      containers:
      - name: web
        image: registry.example.com/web:1.4
        args: [--port=8080]
        env: [{name: TOKEN, valueFrom: {secretKeyRef: {name: web, key: token}}}]
        livenessProbe: {httpGet: {path: /healthz, port: 8080}}
        volumeMounts: [{name: data, mountPath: /data}, {name: key, mountPath: /key}]
      volumes:
      - {name: data, persistentVolumeClaim: {claimName: data}}
      - {name: key, secret: {secretName: web-tls}}
      - {name: settings, configMap: {name: web}}
      - {name: tmp, emptyDir: {}}
"""


@pytest.mark.parametrize(("source", "target"), [("1.13", "1.25"), ("1.24", "1.36"), ("", "1.36")])
def test_an_ordinary_workload_is_not_even_decoded(source: str, target: str) -> None:
    """Each rule has a word of its own that such an object does not hold."""
    way = Route(KUBERNETES, source, target)
    compiled = compile_rules(choose([pack()], {KUBERNETES: way}), {KUBERNETES: way}).program.compiled
    (phase,) = compiled.plan.phases
    bucket = BoundPhase(phase, compiled.options, {}).bucket(("apps/v1", "Deployment"))  # type: ignore[arg-type]
    assert bucket.words is not None
    raw = bytes(encode_object(yaml.safe_load(ORDINARY)))
    assert [word for word in sorted(bucket.words) if word in raw] == []


def test_an_ordinary_workload_has_no_findings() -> None:
    ordinary: Manifest = yaml.safe_load(ORDINARY)
    assert list(check(trace_of(ordinary), target="1.36")) == []
