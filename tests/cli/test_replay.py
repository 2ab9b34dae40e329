from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from tests.cli import golden
from tests.cli.conftest import Run, assert_refused
from tests.replay.api_server import MARK, ApiServer, running

MANIFEST = """
apiVersion: batch/v1beta1
kind: CronJob
metadata: {name: report, namespace: shop}
spec:
  schedule: "* * * * *"
  jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: c, image: busybox}]}}}}
"""


@pytest.fixture
def server(work: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ApiServer]:
    """A cluster, and a kubeconfig that names it `kind-kwok`."""
    with running() as server:
        config = {
            "clusters": [{"name": "c", "cluster": {"server": server.url}}],
            "contexts": [{"name": "kind-kwok", "context": {"cluster": "c"}}],
        }
        (work / "config").write_bytes(msgspec.json.encode(config))
        monkeypatch.setenv("KUBECONFIG", str(work / "config"))
        yield server


def test_what_a_release_refuses_is_named_with_the_repair(skel: Run, work: Path) -> None:
    (work / "cron.yaml").write_text(MANIFEST, "utf-8")
    result = skel("replay", "cron.yaml", "--on", "dry:1.25")
    assert (result.code, result.err) == (1, "")
    golden.check("replay-rejected", result.text)
    assert result.text.splitlines()[-1] == "fix: skel migrate cron.yaml --to 1.25 --write"


def test_the_repair_repairs(skel: Run, work: Path) -> None:
    (work / "cron.yaml").write_text(MANIFEST, "utf-8")
    fix = skel("replay", "cron.yaml", "--on", "dry:1.25").text.splitlines()[-1].removeprefix("fix: skel ")
    assert skel(*fix.split()).code == 0
    assert skel("replay", "cron.yaml", "--on", "dry:1.25").code == 0
    assert skel("replay", "cron.yaml", "--on", "dry:1.24").code == 0


def test_the_result_as_json_is_that_of_the_record(skel: Run, work: Path) -> None:
    result = skel("replay", "t.sktrace", "--on", "dry:1.25", "-o", "json", "--run-dir", "run")
    info = json.loads(result.text)
    assert info == json.loads((work / "run" / "run.json").read_text("utf-8"))
    assert (info["schemaVersion"], info["target"], info["ended"]) == (1, "dry:1.25", "complete")
    assert len((work / "run" / "requests.jsonl").read_text("utf-8").splitlines()) == info["counts"]["steps"] == 4


def test_a_dry_run_leaves_nothing_behind(skel: Run, work: Path) -> None:
    before = sorted(work.iterdir())
    skel("replay", "t.sktrace", "--on", "dry:1.25")
    assert sorted(work.iterdir()) == before


def test_a_cluster_is_named_before_it_is_written_to(skel: Run, work: Path, server: ApiServer) -> None:
    result = skel("replay", "t.sktrace", "--context", "kind-kwok", "--speed", "max")
    assert result.err.splitlines()[0] == f"cluster {server.url}, context kind-kwok, Kubernetes 1.25"
    assert result.code == 1
    assert "replayed t.sktrace on context:kind-kwok" in result.text
    assert "fix: skel migrate t.sktrace --to 1.25 -o t-1.25.sktrace" in result.text
    (folder,) = (work / "skel-runs").iterdir()
    assert folder.name.startswith("t-kind-kwok-")
    assert set(server.objects) == {MARK}


def test_a_cluster_that_is_none_of_ours_is_refused(skel: Run, server: ApiServer) -> None:
    del server.objects[MARK]
    result = skel("replay", "t.sktrace", "--context", "kind-kwok", "--speed", "max")
    assert_refused(result, "context:kind-kwok is not marked as a simulation", "--i-know-this-cluster")
    assert server.writes == []
    known = skel("replay", "t.sktrace", "--context", "kind-kwok", "--speed", "max", "--i-know-this-cluster")
    assert known.code == 1


def test_what_is_kept_is_named(skel: Run, server: ApiServer) -> None:
    result = skel("replay", "t.sktrace", "--context", "kind-kwok", "--speed", "max", "--keep")
    assert "left in the cluster: everything that PriorityClass skel-" in result.text
    assert "/apis/apps/v1/namespaces/virtual-shop/deployments/web" in server.objects


def test_the_prefix_and_hooks_are_used(skel: Run, work: Path, server: ApiServer) -> None:
    (work / "hooks.yml").write_text("preRunHooks: [{cmd: touch, args: [touched]}]", "utf-8")
    skel(
        "replay", "t.sktrace", "--context", "kind-kwok", "--speed", "max", "--keep",
        "--namespace-prefix", "sim", "--hooks", "hooks.yml",
    )  # fmt: skip
    assert "/api/v1/namespaces/sim-shop" in server.objects
    assert (work / "touched").exists()


def test_a_part_is_played_as_another_user(skel: Run, work: Path, server: ApiServer) -> None:
    usual = ("replay", "t.sktrace", "--context", "kind-kwok", "--speed", "max", "--run-dir", "run")
    delays = ("--pod-delay", "create=1s..3s", "--metrics-interval", "30s")
    assert skel(*usual, "-n", "shop", "--as", "jane", *delays).code == 1
    info = json.loads((work / "run" / "run.json").read_text("utf-8"))
    assert (info["counts"]["steps"], info["options"]["namespaces"]) == (4, ["shop"])
    options = info["options"]
    assert (options["podDelays"]["create"], options["podDelays"]["create_jitter"]) == (1000, 3000)
    assert options["metricsInterval"] == 30
    assert set(server.users) == {"jane"}


def test_a_run_is_taken_up_with_its_own_settings(skel: Run, work: Path, server: ApiServer) -> None:
    usual = ("replay", "t.sktrace", "--context", "kind-kwok", "--speed", "max", "--namespace-prefix", "sim")
    skel(*usual, "--keep", "--run-dir", "run")
    info = json.loads((work / "run" / "run.json").read_text("utf-8"))
    (work / "run" / "run.json").write_text(json.dumps({**info, "ended": "running", "cleaned": False}), "utf-8")
    lines = (work / "run" / "requests.jsonl").read_text("utf-8").splitlines(keepends=True)
    (work / "run" / "requests.jsonl").write_text("".join(lines[:2]), "utf-8")
    writes = len(server.applied())
    result = skel("replay", "--resume", "run")
    assert result.code == 1
    assert "2 done before" in result.text
    # Everything had been applied already, and the server could tell.
    assert len(server.applied()) == writes
    assert len((work / "run" / "requests.jsonl").read_text("utf-8").splitlines()) == 4


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("t.sktrace",), "say where to"),
        (("t.sktrace", "--on", "wet:1.25"), "--on takes dry:RELEASE"),
        (("t.sktrace", "--on", "dry:1.99"), "there is no data for Kubernetes 1.99"),
        (("t.sktrace", "--on", "dry:1.25", "--context", "x"), "--on and --context name two targets; choose one"),
        (("t.sktrace", "--on", "local:abc"), "'abc' is not a release"),
        (("t.sktrace", "--on", "local:1.20"), "there are 1.24 to"),
        (("t.sktrace", "--on", "dry:1.25", "-n", "absent", "-l", "app=absent"), "no object has such a namespace"),
        (("t.sktrace", "--on", "dry:1.25", "--run-dir", "r", "--report", "no/r.html"), "make the directory first"),
        (("--on", "dry:1.25"), "name a trace"),
        (("absent", "--on", "dry:1.25"), "there is no file or folder `absent`"),
        (("t.sktrace", "--on", "dry:1.25", "--speed", "0"), "a factor such as 60"),
        (("t.sktrace", "--on", "dry:1.25", "--duration", "soon"), "a duration such as 90s"),
        (("t.sktrace", "--on", "dry:1.25", "--namespace-prefix", "A"), "--namespace-prefix takes a word"),
        (("t.sktrace", "--on", "dry:1.25", "--hooks", "absent.yml"), "absent.yml can't be read"),
        (("t.sktrace", "t.sktrace", "--on", "dry:1.25"), "replay one trace"),
        (("t.sktrace", "--on", "dry:1.25", "--cluster", "x"), "--on dry:1.25 is none"),
        (("t.sktrace", "--on", "local", "--cluster", "x"), "--on takes dry:RELEASE, local:RELEASE"),
        (("t.sktrace", "--kubeconfig", "x", "--cluster", "y"), "--cluster and --kubeconfig name two"),
        (("t.sktrace", "--cluster", "absent"), "there is no cluster `absent`"),
        (("t.sktrace", "--on", "dry:1.25", "-n", "a", "-A"), "exclude each other"),
        (("t.sktrace", "--on", "dry:1.25", "-l", "a=b=c"), "is no label selector"),
        (("t.sktrace", "--on", "dry:1.25", "--pod-delay", "sleep=1s"), "create, ready or complete"),
        (("t.sktrace", "--on", "dry:1.25", "--pod-delay", "create=1s..2s..3s"), "not 'create=1s..2s..3s'"),
        (("t.sktrace", "--on", "dry:1.25", "--pod-delay", "create=soon"), "not 'create=soon'"),
        (("--resume", "absent"), "holds no run"),
        (("--resume", "a", "--run-dir", "b"), "leave out --run-dir"),
        (("t.sktrace", "--context", "absent"), "no context `absent`"),
        (("t.sktrace", "--kubeconfig", "absent"), "there is no kubeconfig absent"),
    ],
)
def test_what_makes_no_sense_is_refused(skel: Run, server: ApiServer, arguments: tuple[str, ...], said: str) -> None:
    refused = skel("replay", *arguments)
    assert_refused(refused, said)
    assert (server.writes, Path("r").exists()) == ([], False)
    assert "starting" not in refused.err, "what can be known is said before anything is done"


def test_a_file_that_cannot_be_read_is_no_silent_gap(skel: Run, work: Path) -> None:
    (work / "manifests").mkdir()
    (work / "manifests" / "a.yaml").write_text("apiVersion: v1\nkind: [", "utf-8")
    assert_refused(skel("replay", "manifests", "--on", "dry:1.25"), "a.yaml")


@pytest.mark.parametrize("content", [b"", b"a: 1\n", b"\xff\xfek\x00"])
@pytest.mark.parametrize("verb", [("replay", "--on", "dry:1.25"), ("rehearse", "--from", "1.24", "--to", "1.25")])
def test_where_there_is_nothing_to_play_nothing_passes(
    skel: Run, work: Path, content: bytes, verb: tuple[str, ...]
) -> None:
    (work / "manifests").mkdir()
    assert_refused(skel(*verb, "manifests"), f"there is nothing to {verb[0]}: no objects of a cluster in manifests")
    (work / "manifests" / "a.yaml").write_bytes(content)
    assert_refused(skel(*verb, "manifests"), f"there is nothing to {verb[0]}")


def test_a_token_that_has_ended(skel: Run, server: ApiServer) -> None:
    server.tokens.add("the only one")
    assert_refused(skel("replay", "t.sktrace", "--context", "kind-kwok"), "version: 401", "a token has an end")
    assert server.writes == []


def test_a_server_that_is_not_there(skel: Run, work: Path) -> None:
    config = {
        "clusters": [{"name": "c", "cluster": {"server": "http://127.0.0.1:9"}}],
        "contexts": [{"name": "far", "context": {"cluster": "c"}}],
    }
    (work / "config").write_bytes(msgspec.json.encode(config))
    assert_refused(skel("replay", "t.sktrace", "--kubeconfig", "config", "--context", "far"), "gave no answer")
