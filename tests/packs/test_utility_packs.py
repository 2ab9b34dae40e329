"""The packs that clean, check, hide and multiply: what they promise of whole traces."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from skel.cli.main import run
from skel.compiler.functions import pseudonym
from skel.engine.change import Changes
from skel.kube.schema_check import validate as schema_problems
from skel.packs.cases import Manifest
from skel.packs.manifest import Kind
from skel.packs.registry import STANDARD, available, find
from skel.packs.suites import pack_suite
from skel.packs.trial import trace_of
from skel.patch.values import Json, equal_json
from skel.program import Scalar, compile_sources
from skel.trace.codec import decode_object
from skel.trace.index import spec_hash
from skel.trace.model import Trace
from skel.upgrade.validating import validate

SHOP = Path(__file__).resolve().parents[2] / "examples" / "traces" / "shop.sktrace"
PSEUDONYM = re.compile(r"name-[a-z2-7]{10}")


def apply(
    name: str, trace: Trace, *, key: bytes = b"a key", workers: int = 1, **parameters: Scalar
) -> tuple[Trace, Changes]:
    sources = [rule.source for rule in find(name).rules]
    return compile_sources(sources, parameters=parameters, secret=key).apply(trace, workers=workers)


def objects(trace: Trace) -> list[Manifest]:
    return [decode_object(raw) for event in trace.events for raw in (*event.applied_objs, *event.deleted_objs)]


def case_objects() -> list[Manifest]:
    """Every object of the cases of the standard library, old versions and odd ones as well."""
    suites = [pack_suite(pack.folder) for pack in available() if pack.origin == STANDARD]
    return [case.before for suite in suites for entry in suite.entries for case in entry.cases]


@pytest.fixture(scope="module")
def shop() -> Trace:
    return Trace.open(str(SHOP))


# ---- sanitise --------------------------------------------------------------------------------------------------------

RECORDED: Manifest = {
    "apiVersion": "v1",
    "kind": "Pod",
    "metadata": {
        "name": "web",
        "namespace": "shop",
        "uid": "6a6b",
        "resourceVersion": "81",
        "ownerReferences": [{"apiVersion": "example.com/v1", "kind": "Rollout", "name": "web", "uid": "1"}],
    },
    "spec": {
        "nodeName": "ip-10-0-0-1",
        "containers": [{"name": "web", "resources": {"requests": {"cpu": "1", "memory": "1Gi"}}}],
    },
    "status": {"phase": "Running"},
}


def test_what_is_sanitised_is_valid() -> None:
    trace = trace_of([RECORDED])
    assert {one.code for one in validate(trace).findings} == {"VA101", "VA102", "VA103", "VA104"}
    assert validate(apply("sanitise", trace)[0]).findings == ()


def test_sanitising_twice_is_sanitising_once() -> None:
    clean, _ = apply("sanitise", trace_of(case_objects()))
    _, again = apply("sanitise", clean)
    assert not again


# ---- validation ------------------------------------------------------------------------------------------------------


def test_the_codes_of_the_reference_are_aliases() -> None:
    aliases = {rule.alias for rule in find("validation").rules if rule.alias}
    assert aliases == {"W0000", "E0001", "E0002", "E0003", "E0004", "E0005"}


def test_each_fix_clears_its_finding() -> None:
    """What is left is what has no fix."""
    suite = pack_suite(find("validation").folder)
    for entry in suite.entries:
        assert entry.rule is not None
        for case in entry.cases:
            trace = trace_of([*case.others, case.before])
            mine = {one.fix is None for one in validate(trace).findings if one.code == entry.rule.code}
            assert bool(mine) is bool(case.expected.after is not None or case.expected.finding), case.name
            left = {one.code for one in validate(apply("validation", trace)[0]).findings}
            assert (entry.rule.code in left) is (True in mine), case.name


def test_the_shop_lacks_a_secret(shop: Trace) -> None:
    errors = [one for one in validate(shop).findings if one.severity.value == "error"]
    assert {(one.code, one.object.name) for one in errors if one.object} == {("VA202", "api"), ("VA202", "db")}


# ---- anonymise -------------------------------------------------------------------------------------------------------

PUBLIC = {
    *("v1", "apps/v1", "batch/v1", "batch/v1beta1", "policy/v1beta1", "networking.k8s.io/v1beta1"),
    *("ConfigMap", "ServiceAccount", "StatefulSet", "Deployment", "CronJob", "Ingress", "PodDisruptionBudget", "Job"),
    *("Always", "OnFailure", "Never", "Forbid", "TCP", "ReadWriteOnce", "NoSchedule", "Exists", "v2", "v3", "/", ""),
    *("500m", "512Mi", "1", "1Gi", "4Gi", "20Gi", "250m", "256Mi", "128Mi", "192Mi", "2Gi", "100m", "2"),
    *("node-role.kubernetes.io/master", "*/5 * * * *", "k8s.gcr.io/envoy:1.20"),
}
"""What stays of the texts of the shop: the words of Kubernetes, and figures."""


def leaves(node: Json, at: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    """Every text of an object with its place; keys are none."""
    if isinstance(node, str):
        yield at, node
    elif isinstance(node, Mapping):
        for key, value in node.items():
            yield from leaves(value, (*at, key))
    elif isinstance(node, list):
        for number, value in enumerate(node):
            yield from leaves(value, (*at, number))


def pairs(old: Trace, new: Trace) -> list[tuple[str, str]]:
    """Each text that is left, as it was and as it is."""
    result: list[tuple[str, str]] = []
    for before, after in zip(objects(old), objects(new), strict=True):
        was = dict(leaves(before))
        result += [(was[at], text) for at, text in leaves(after)]
    return result


@pytest.fixture(scope="module")
def hidden(shop: Trace) -> Trace:
    return apply("anonymise", shop)[0]


def test_a_text_has_one_pseudonym_and_a_pseudonym_one_text(shop: Trace, hidden: Trace) -> None:
    """So every two places that named the same still do, and no two that did not."""
    seen = set(pairs(shop, hidden))
    assert len(seen) == len({old for old, _ in seen}) == len({new for _, new in seen})
    assert {new for old, new in seen if old == new} <= PUBLIC


def test_no_text_of_the_shop_is_left(shop: Trace, hidden: Trace) -> None:
    """In the objects, in the index and in the lifetimes; nor in any other byte of the file. Keys of labels stay."""
    texts = {text for thing in objects(shop) for _, text in leaves(thing)} - PUBLIC
    assert not texts & {text for thing in objects(hidden) for _, text in leaves(thing)}
    assert {"shop", "storefront", "registry.shop.example/worker:1.8.1", "EUR"} <= texts
    keys = {part for thing in objects(shop) for at, _ in leaves(thing) for part in at}
    data = hidden.to_bytes()
    # Shorter ones stand in pseudonyms by chance.
    assert [text for text in texts - keys if len(text) >= 4 and text.encode() in data] == []
    images = {text.partition(":")[0] for text in texts if "/" in text}
    assert [name for name in images if name and name.encode() in data] == []


def test_pseudonyms_are_made_of_the_text_and_the_key(shop: Trace, hidden: Trace) -> None:
    assert ("web", pseudonym(b"a key", "web", "name")) in pairs(shop, hidden)
    other, _ = apply("anonymise", shop, key=b"another key")
    texts = {text for thing in objects(hidden) for _, text in leaves(thing)}
    others = {text for thing in objects(other) for _, text in leaves(thing)}
    assert all(text in PUBLIC for text in texts & others)
    assert apply("anonymise", shop)[0].to_bytes() == hidden.to_bytes()
    assert apply("anonymise", shop, workers=2)[0].to_bytes() == hidden.to_bytes()


def test_index_and_lifetimes_follow(shop: Trace, hidden: Trace) -> None:
    def renamed(name: str) -> str:
        return "/".join(str(pseudonym(b"a key", part, "name")) for part in name.split("/"))

    assert {kind: {renamed(name) for name in names} for kind, names in shop.index.items()} == {
        kind: set(names) for kind, names in hidden.index.items()
    }
    lifetimes = {(kind, renamed(name)): lives for (kind, name), lives in shop.pod_lifecycles.items()}
    assert hidden.pod_lifecycles == lifetimes
    assert lifetimes, "there is something to follow"
    kind = "apps/v1.StatefulSet"
    (name,) = hidden.index[kind]
    last = [one for one in objects(hidden) if one["kind"] == "StatefulSet"][-1]
    assert name == f"{last['metadata']['namespace']}/{last['metadata']['name']}"
    assert hidden.index[kind][name] == spec_hash(last["spec"])


def test_what_a_simulation_needs_stays(shop: Trace, hidden: Trace) -> None:
    """Numbers, requests and the shape of everything but of data and annotations."""
    for before, after in zip(objects(shop), objects(hidden), strict=True):
        assert (before["apiVersion"], before["kind"]) == (after["apiVersion"], after["kind"])
        assert equal_json(shape(before.get("spec")), shape(after.get("spec")))
    assert [event.ts for event in shop.events] == [event.ts for event in hidden.events]


def shape(node: Json) -> Json:
    if isinstance(node, str):
        return "" if node not in PUBLIC else node
    if isinstance(node, Mapping):
        return {key: shape(value) for key, value in node.items()}
    return [shape(value) for value in node] if isinstance(node, list) else node


def test_references_resolve_as_before(shop: Trace, hidden: Trace) -> None:
    """The rules for validation find the same missing and no others."""
    assert [(one.code, one.times) for one in validate(shop).findings] == [
        (one.code, one.times) for one in validate(hidden).findings
    ]


REQUESTS = {"CertificateSigningRequest", "CertificateRequest", "Order", "Challenge"}
"""Kinds that are left out."""
WELL_KNOWN = {"", "default", "kube-system", "kubernetes", "spot", "pods"}
"""Names that are words of every cluster."""


def test_all_that_cases_show_is_hidden_and_stays_valid() -> None:
    """What the API server of 1.36 would take before, it takes after; nothing is skipped."""
    manifests = [one for one in case_objects() if isinstance(one.get("metadata"), dict)]
    manifests = [one for one in manifests if one["kind"] not in REQUESTS]
    trace = trace_of(manifests)
    hidden, changes = apply("anonymise", trace)
    assert changes.summary.skipped == 0
    worse = [
        (problem.pointer, problem.message, after["kind"])
        for before, after in zip(manifests, objects(hidden), strict=True)
        if not schema_problems(before, "1.36")
        for problem in schema_problems(after, "1.36")
    ]
    assert worse == []
    names = {str(thing["metadata"].get("name", "")) for thing in objects(hidden)}
    kept = {name for name in names if not PSEUDONYM.fullmatch(name)}
    assert {name for name in kept if "." not in name} <= WELL_KNOWN


def test_no_text_begins_with_the_mark() -> None:
    """A text that already had it is hidden like any other."""
    (after,) = objects(apply("anonymise", trace_of([{"kind": "Pod", "metadata": {"name": "\x01\x01ann"}}]))[0])
    assert after["metadata"]["name"] == pseudonym(b"a key", "ann", "name")


def test_pseudonyms_need_a_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.key").write_text("\n", "utf-8")
    (tmp_path / "secret.key").write_text("a key\n", "utf-8")
    command = ["transform", str(SHOP), "--pack", "anonymise", "-o", "out.sktrace"]
    for more in ([], ["--key-file", "empty.key"]):
        assert run([*command, *more]) == 2
        assert "--key-file" in capsys.readouterr().err
        assert not (tmp_path / "out.sktrace").exists()
    assert run([*command, "--key-file", "secret.key"]) == 0
    assert Trace.open("out.sktrace").to_bytes() == apply("anonymise", Trace.open(str(SHOP)))[0].to_bytes()


# ---- scale-up --------------------------------------------------------------------------------------------------------


def test_copies(shop: Trace) -> None:
    """Three more of each workload: the same kinds, the same times, names and labels of their own."""
    grown, _ = apply("scale-up", shop, copies=3)
    workloads = [one for one in objects(shop) if one["kind"] in {"Deployment", "StatefulSet", "Job", "CronJob", "Pod"}]
    assert len(objects(grown)) == len(objects(shop)) + 3 * len(workloads)
    webs = {one["metadata"]["name"]: one for one in objects(grown) if one["metadata"]["name"].startswith("web")}
    assert {"web", "web-1", "web-2", "web-3"} <= webs.keys()
    assert webs["web-2"]["spec"]["selector"]["matchLabels"] == {"app": "web", "scale-up/copy": "web-2"}
    assert webs["web-2"]["spec"]["template"]["metadata"]["labels"]["scale-up/copy"] == "web-2"
    assert [one for one in objects(grown) if "scale-up/original" in str(one)] == []
    originals = [one for one in objects(grown) if not re.search(r"-[123]$", one["metadata"]["name"])]
    assert equal_json(originals, objects(shop))


def test_growth_of_some(shop: Trace) -> None:
    grown, _ = apply("scale-up", shop, copies=1, kinds="^StatefulSet$", replicas=5)
    assert {one["metadata"]["name"] for one in objects(grown)} - {one["metadata"]["name"] for one in objects(shop)} == {
        "db-1"
    }
    replicas = {one["spec"]["replicas"] for one in objects(grown) if one["kind"] in {"Deployment", "StatefulSet"}}
    assert min(replicas - {0}) == 5


# ---- all of them -----------------------------------------------------------------------------------------------------


def test_packs_for_transforming_are_run_by_transform() -> None:
    kinds = {pack.name: pack.kind for pack in available() if pack.origin == STANDARD}
    assert {name for name, kind in kinds.items() if kind is Kind.TRANSFORM} == {"sanitise", "anonymise", "scale-up"}
    assert {name for name, kind in kinds.items() if kind is Kind.VALIDATE} == {"validation"}
