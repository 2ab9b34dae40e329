"""`skel trace show`, `stats`, `diff`, `slice`, `merge`, `anonymise` and `validate`, as a person runs them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from skel.trace.census import recompute_index
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace
from tests.cli import golden
from tests.cli.conftest import Run, assert_refused, leftovers
from tests.cli.small import START, small_trace

KEY = "0123456789abcdef"


@pytest.fixture
def shop(skel: Run, work: Path) -> Run:
    """The example of the documentation beside the small trace."""
    source = Path(__file__).resolve().parents[2] / "examples" / "traces" / "shop.sktrace"
    (work / "shop.sktrace").write_bytes(source.read_bytes())
    return skel


# ---- show and stats --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "arguments"),
    [
        ("trace-show", ()),
        ("trace-show-object", ("--object", "Deployment/shop/worker")),
        ("trace-show-at", ("--object", "cronjob/shop/report", "--at", "26m")),
    ],
)
def test_show(shop: Run, name: str, arguments: tuple[str, ...]) -> None:
    result = shop("trace", "show", "shop.sktrace", *arguments)
    assert result.code == 0
    golden.check(name, result.text)


def test_the_state_at_a_moment_is_for_kubectl(shop: Run) -> None:
    documents = list(yaml.safe_load_all(shop("trace", "show", "shop.sktrace", "--at", "13m", "-o", "yaml").text))
    found = json.loads(shop("trace", "show", "shop.sktrace", "--at", "13m", "-o", "json").text)
    assert found["kind"] == "List"
    assert found["items"] == documents
    assert ("Job", "load-test") in {(thing["kind"], thing["metadata"]["name"]) for thing in documents}
    assert len(documents) == 10
    assert len(list(yaml.safe_load_all(shop("trace", "show", "shop.sktrace", "--at", "-0s").text))) == 8


def test_a_history_as_json(shop: Run) -> None:
    found = json.loads(shop("trace", "show", "shop.sktrace", "--object", "Job/load-test", "-o", "json").text)
    (thing,) = found["objects"]
    assert [(version["time"], version["deleted"]) for version in thing["versions"]] == [
        ("2025-01-01T10:12:00Z", False),
        ("2025-01-01T10:15:30Z", True),
    ]
    assert thing["versions"][0]["manifest"]["spec"]["parallelism"] == 2


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--object", "Deployment/shop/wrker"), ("no object", "did you mean Deployment/shop/worker?")),
        (("--object", "ConfigMap/shop/nowhere-near-it"), ("no object", "`skel trace stats`")),
        (("--object", "Deployment"), ("names no object", "KIND/NAMESPACE/NAME")),
        (("--object", "Job/load-test", "--at", "1h"), ("not there at that time",)),
        (("--at", "10"), ("is no time", "-30m before the end")),
        (("-o", "yaml"), ("--object", "--at")),
    ],
)
def test_show_what_is_not_there(shop: Run, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert_refused(shop("trace", "show", "shop.sktrace", *arguments), *words)


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("Deployment/shop/wrker", "did you mean Deployment/shop/worker?"),
        ("Deployment/shop/wed", "did you mean Deployment/shop/web or Deployment/shop/web2?"),
        (
            "Pod/shop/web-x",
            "did you mean Pod/shop/web-0, Pod/shop/web-1, Pod/shop/web-2, Pod/shop/web-3 or Pod/shop/web-4?",
        ),
    ],
)
def test_several_names_are_near(shop: Run, wanted: str, hint: str) -> None:
    copies = [("Pod", f"web-{number}") for number in range(7)]
    things = [
        encode_object({"apiVersion": "v1", "kind": kind, "metadata": {"name": name, "namespace": "shop"}})
        for kind, name in [*copies, ("Deployment", "web"), ("Deployment", "web2"), ("Deployment", "worker")]
    ]
    Trace.make([Event(START, things, [])], {"trackedObjects": {}}, {}, {}).save("near.sktrace")
    result = shop("trace", "show", "near.sktrace", "--object", wanted)
    assert_refused(result, "no object")
    assert result.err.splitlines()[-1].strip() == f"help: {hint}"


@pytest.mark.parametrize("form", ["text", "json", "csv", "markdown"])
def test_stats(shop: Run, form: str) -> None:
    result = shop("trace", "stats", "shop.sktrace", "-o", form, "--top", "3")
    assert result.code == 0
    golden.check(f"trace-stats-{form}", result.text)
    if form == "json":
        assert json.loads(result.text)["total"]["objects"] == 10
    if form == "csv":
        assert {len(row) for row in csv.reader(result.text.splitlines())} == {7}


# ---- diff ------------------------------------------------------------------------------------------------------------


def test_diff(shop: Run) -> None:
    program = 'modify(kind == "CronJob", apiVersion = "batch/v1"); delete(kind == "Ingress");'
    assert shop("transform", "shop.sktrace", "-e", program, "-o", "new.sktrace").code == 0
    result = shop("trace", "diff", "shop.sktrace", "new.sktrace")
    assert result.code == 1
    golden.check("trace-diff", result.text)
    found = json.loads(shop("trace", "diff", "shop.sktrace", "new.sktrace", "-o", "json").text)
    assert (found["changed"], found["onlyInA"], found["onlyInB"]) == (1, 1, 0)
    moment = next(one for one in found["differences"] if one["kind"] == "CronJob")["moments"][0]
    assert (moment["a"]["manifest"]["apiVersion"], moment["b"]["manifest"]["apiVersion"]) == (
        "batch/v1beta1",
        "batch/v1",
    )


def test_no_difference(shop: Run) -> None:
    result = shop("trace", "diff", "shop.sktrace", "shop.sktrace")
    assert (result.code, result.text.splitlines()[-1]) == (0, "no difference in 10 objects")


def test_the_same_at_another_time(shop: Run) -> None:
    assert shop("transform", "shop.sktrace", "-e", "shift(1h);", "-o", "later.sktrace").code == 0
    assert shop("trace", "diff", "shop.sktrace", "later.sktrace").code == 0
    assert shop("trace", "diff", "shop.sktrace", "later.sktrace", "--align", "absolute").code == 1


def test_diff_at_a_moment(shop: Run) -> None:
    assert shop("trace", "slice", "shop.sktrace", "--start", "20m", "-o", "late.sktrace").code == 0
    assert shop("trace", "diff", "shop.sktrace", "late.sktrace", "--at", "-1m").code == 0
    assert shop("trace", "diff", "shop.sktrace", "late.sktrace", "--at", "0s").code == 1


# ---- slice and merge -------------------------------------------------------------------------------------------------


def test_slices_merge_to_the_trace(shop: Run) -> None:
    for name, ends in (("a", ("--end", "15m")), ("b", ("--start", "15m", "--end", "-20m")), ("c", ("--start", "-20m"))):
        assert shop("trace", "slice", "shop.sktrace", *ends, "-o", f"{name}.sktrace").code == 0
    result = shop("trace", "merge", "c.sktrace", "a.sktrace", "b.sktrace", "-o", "again.sktrace")
    assert (result.code, result.err) == (0, "25 events, 19 recorded twice and taken once\n")
    assert Path("again.sktrace").read_bytes() == Path("shop.sktrace").read_bytes()


@pytest.mark.parametrize(
    ("options", "names"),
    [
        (("--kind", "deployment"), {"shop/api", "shop/web", "shop/worker"}),
        (("-l", "app=worker"), {"shop/worker"}),
        (("-l", "app in (worker, db),tier!=data"), {"shop/worker"}),
        (("--where", 'kind == "Deployment" && spec.replicas > 3'), {"shop/web"}),
    ],
)
def test_slices_of_objects(shop: Run, options: tuple[str, ...], names: set[str]) -> None:
    assert shop("trace", "slice", "shop.sktrace", *options, "-o", "part.sktrace").code == 0
    part = Trace.open("part.sktrace")
    assert {name for entries in part.index.values() for name in entries} == names
    assert part.index == recompute_index(part)
    assert (part.start, part.end) == (Trace.open("shop.sktrace").start, Trace.open("shop.sktrace").end)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("-n", "shpo"), ("Ingress, Job and 3 more\n", "in the namespaces shop\n")),
        (("--where", "spec.replicas > 3", "--kind", "Job"), ("kinds Deployment",)),
        (("--without-namespace", "shop"), ("Ingress, Job and 3 more\n", "in the namespaces shop\n")),
        (("--kind", "Job", "--end", "1m"), ("and 2 more\n",)),
    ],
)
def test_a_slice_of_nothing(shop: Run, options: tuple[str, ...], words: tuple[str, ...]) -> None:
    result = shop("trace", "slice", "shop.sktrace", *options, "-o", "part.sktrace")
    assert (result.code, result.text) == (1, "")
    assert result.err.startswith("nothing was chosen, so nothing was written\nthere are objects of the kinds ")
    assert [word for word in words if word not in result.err] == []
    assert not Path("part.sktrace").exists()


def test_a_stretch_of_time_without_objects_is_a_slice(shop: Run) -> None:
    """Nobody chose: slices that lie side by side make the trace again."""
    shop("transform", "shop.sktrace", "-e", 'delete(metadata.name != "");', "-o", "empty.sktrace")
    result = shop("trace", "slice", "empty.sktrace", "--end", "10m", "-o", "part.sktrace")
    assert (result.code, Path("part.sktrace").exists()) == (0, True)
    assert result.err.splitlines()[-1] == "no object is there in that time: the slice has only its time"
    result = shop("trace", "slice", "empty.sktrace", "--kind", "Job")
    assert (result.code, result.err.splitlines()[-1]) == (1, "no object is there in that time")


def test_a_slice_of_standard_input(skel: Run) -> None:
    result = skel("trace", "slice", "-", "--end", "1m", stdin=small_trace().to_bytes())
    assert [event.ts - START for event in Trace.from_bytes(result.out).events] == [0, 60]
    assert result.err == "2 of 3 events, 2 of 4 objects\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--start", "5h"), ("ends 14400 seconds before",)),
        (("--end", "0s"), ("begins 0 seconds after",)),
        (("--start", "10m", "--end", "5m"), ("end before it begins", "--end must be later")),
        (("--start", "soon"), ("is no time",)),
        (("-l", "app=(x"), ("is no label selector",)),
        (("--where", "spec.replicas >"), ("<selector>:1",)),
    ],
)
def test_no_slice(shop: Run, work: Path, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert_refused(shop("trace", "slice", "shop.sktrace", *arguments, "-o", "part.sktrace"), *words)
    assert not Path("part.sktrace").exists()
    assert leftovers(work) == []


@pytest.fixture
def other(shop: Run) -> Run:
    """Beside it a trace in which the Deployments of the shop have another history."""
    program = 'modify(kind == "Deployment", spec.replicas = 7);'
    assert shop("transform", "shop.sktrace", "-e", program, "-o", "other.sktrace", "--summary", "none").code == 0
    return shop


def test_conflicts(other: Run) -> None:
    result = other("trace", "merge", "shop.sktrace", "other.sktrace", "-o", "both.sktrace")
    assert (result.code, result.out) == (1, b"")
    golden.check("trace-merge-conflicts", result.err)
    assert not Path("both.sktrace").exists()


@pytest.mark.parametrize(
    ("options", "deployments"),
    [
        (("--conflicts", "first"), ["api", "web", "worker"]),
        (("--conflicts", "prefix"), ["api", "t2-api", "t2-web", "t2-worker", "web", "worker"]),
        (("--conflicts", "both"), ["api", "web", "worker"]),
        (("--prefix", "blue-"), ["api", "blue-api", "blue-web", "blue-worker", "web", "worker"]),
        (("--offset", "2h"), ["api", "web", "worker"]),
    ],
)
def test_conflicts_are_settled(other: Run, options: tuple[str, ...], deployments: list[str]) -> None:
    result = other("trace", "merge", "shop.sktrace", "other.sktrace", *options, "-o", "both.sktrace")
    assert result.code == 0, result.err
    names = Trace.open("both.sktrace").index["apps/v1.Deployment"]
    assert sorted(name.replace("shop/", "") for name in names) == deployments


def test_alignment(other: Run) -> None:
    assert other("transform", "other.sktrace", "-e", "shift(24h);", "--in-place", "--summary", "none").code == 0
    lengths = {}
    for align in ("absolute", "start"):
        arguments = ("trace", "merge", "shop.sktrace", "other.sktrace", "--align", align, "--prefix", "x-")
        assert other(*arguments, "-o", "both.sktrace").code == 0
        both = Trace.open("both.sktrace")
        lengths[align] = both.end - both.start
    assert lengths == {"absolute": 25 * 3600, "start": 3600}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), ("Missing argument",)),
        (("t.sktrace", "--prefix", "a"), ("--prefix is for each trace but the first: 0 at most",)),
        (("t.sktrace", "t.sktrace", "--offset", "soon"), ("a time such as 90s",)),
        (("t.sktrace", "-o", "t.sktrace"), ("is the input",)),
        (("t.sktrace", "nothing.sktrace"), ("does not exist",)),
    ],
)
def test_no_merge(skel: Run, arguments: tuple[str, ...], words: tuple[str, ...]) -> None:
    assert_refused(skel("trace", "merge", *arguments), *words)


# ---- anonymise -------------------------------------------------------------------------------------------------------


def test_anonymise(shop: Run) -> None:
    Path("secret.key").write_text(KEY)
    result = shop("trace", "anonymise", "shop.sktrace", "--key-file", "secret.key", "-o", "public.sktrace")
    assert (result.code, result.err) == (0, "25 events; names are pseudonyms now\n")
    data = Path("public.sktrace").read_bytes()
    for word in (b"shop", b"worker", b"storefront", b"load-test", b"registry.shop"):
        assert word not in data
    again = shop("trace", "anonymise", "shop.sktrace", "--key", KEY)
    assert again.out == data
    other = shop("trace", "anonymise", "shop.sktrace", "--key", "another key, as long")
    assert other.out != data


def test_a_key_is_needed(shop: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("empty.key").write_text("\n")
    Path("secret.key").write_text(KEY)
    for arguments, words in (
        ((), "a key is missing"),
        (("--key", ""), "a key is missing"),
        (("--key-file", "empty.key"), "empty.key is empty"),
        (("--key-file", "empty.key", "--key", "x"), "name the key once"),
        (("--key-file", "no.key"), "no.key"),
        (("--key-file", "secret.key", "-o", "secret.key"), "the output secret.key is the input secret.key"),
    ):
        assert_refused(shop("trace", "anonymise", "shop.sktrace", "-o", "public.sktrace", *arguments), words)
    assert not Path("public.sktrace").exists()
    assert Path("secret.key").read_text() == KEY
    monkeypatch.setenv("SKEL_KEY", KEY)
    assert shop("trace", "anonymise", "shop.sktrace", "-o", "public.sktrace").code == 0


def test_a_short_key_is_told(shop: Run) -> None:
    result = shop("trace", "anonymise", "shop.sktrace", "--key", "abc", "-o", "public.sktrace")
    assert result.code == 0
    assert "the key has 3 bytes" in result.err


LEAKY = """
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: certificates.cert-manager.io}
spec:
  group: cert-manager.io
  names: {kind: Certificate, plural: certificates}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema:
      openAPIV3Schema:
        type: object
        properties: {spec: {type: object, properties: {token: {type: string, default: "AKIAIOSFODNN7EXAMPLE"}}}}
"""


def test_what_looks_like_a_secret_is_refused(skel: Run) -> None:
    thing: dict[str, Any] = yaml.safe_load(LEAKY)
    from skel.trace.codec import Event, encode_object

    Trace.make([Event(1, [encode_object(thing)], [])], {}, {}, {}).save("leaky.sktrace")
    result = skel("trace", "anonymise", "leaky.sktrace", "--key", KEY, "-o", "public.sktrace")
    assert result.code == 1
    assert "CustomResourceDefinition/certificates.cert-manager.io at /spec/versions/0/schema" in result.err
    assert "an access key of AWS" in result.err
    assert "AKIA" not in result.err
    assert not Path("public.sktrace").exists()
    result = skel("trace", "anonymise", "leaky.sktrace", "--key", KEY, "-o", "public.sktrace", "--redact")
    assert (result.code, "what looked like a secret in 1 place" in result.err) == (0, True)
    assert b"AKIA" not in Path("public.sktrace").read_bytes()


# ---- validate, and other names ---------------------------------------------------------------------------------------


def test_validate_looks_at_the_structure(shop: Run) -> None:
    assert "TR" not in shop("trace", "validate", "shop.sktrace").text
    trace = Trace.open("shop.sktrace")
    trace.with_events([*trace.events[1:], trace.events[0]], index={}).save("odd.sktrace")
    result = shop("trace", "validate", "odd.sktrace", "-o", "json")
    found = [finding["code"] for finding in json.loads(result.text)["findings"]]
    assert result.code == 1
    assert "TR102" in found
    assert found.count("TR111") == 10


@pytest.mark.parametrize(
    ("alias", "verb"),
    [
        (("validate",), ("trace", "validate")),
        (("export",), ("trace", "slice")),
        (("run",), ("replay",)),
        (("xray",), ("explore",)),
    ],
)
def test_names_of_the_reference_tool(skel: Run, alias: tuple[str, ...], verb: tuple[str, ...]) -> None:
    assert skel(*alias, "--help").text == skel(*verb, "--help").text
    assert skel(*alias, "--help").code == 0
