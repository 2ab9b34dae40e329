"""The verbs of `skel import`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml

from skel.cli.import_ import VERBS
from tests.cli.conftest import Run, assert_refused, leftovers
from tests.record.imports.server import Server, deployment


@pytest.fixture
def log(work: Path) -> Path:
    server = Server()
    cart = server.create(deployment("cart"))
    server.at = 60_000
    server.update(cart, {"replicas": 2})
    Path("audit.log").write_bytes(b"\n".join(server.lines))
    return work


def events(text: str) -> list[tuple[int, int, int]]:
    found = json.loads(text)["events"]
    return [(event["ts"], len(event["applied_objs"]), len(event["deleted_objs"])) for event in found]


def test_audit(skel: Run, log: Path) -> None:
    result = skel("import", "audit", "audit.log", "-o", "out.sktrace")
    assert (result.code, result.out, result.err) == (0, b"", "out.sktrace: 2 events, 2 objects applied, 0 deleted\n")
    assert events(skel("trace", "convert", "out.sktrace").text) == [(1777629600, 1, 0), (1777629660, 1, 0)]


def test_audit_through_pipes(skel: Run, log: Path) -> None:
    result = skel("import", "audit", "-", stdin=Path("audit.log").read_bytes())
    assert result.err == "standard output: 2 events, 2 objects applied, 0 deleted\n"
    skel("import", "audit", "audit.log", "-o", "out.sktrace")
    assert result.out == Path("out.sktrace").read_bytes()


def test_strict(skel: Run, log: Path) -> None:
    with Path("audit.log").open("ab") as file:
        file.write(b"\nnonsense\n")
    words = "could not use 1 line: no JSON (audit.log:3)\n"
    for arguments, code in (((), 0), (("--strict",), 1)):
        result = skel("import", "audit", "audit.log", "-o", "out.sktrace", *arguments)
        assert (result.code, result.err) == (code, f"{words}out.sktrace: 2 events, 2 objects applied, 0 deleted\n")


def test_nothing_to_import(skel: Run, log: Path) -> None:
    Path("audit.log").write_text("nonsense\n")
    result = skel("import", "audit", "audit.log", "-o", "out.sktrace")
    assert_refused(result, "could not use 1 line: no JSON (audit.log:1)", "nothing was found")
    assert not Path("out.sktrace").exists()
    assert leftovers(log) == []


def test_callers(skel: Run, log: Path) -> None:
    result = skel("import", "audit", "audit.log", "--callers")
    assert (result.code, result.err) == (0, "")
    server = Server()
    old = {"resource": "cronjobs", "apiGroup": "batch", "apiVersion": "v1beta1", "name": "x"}
    server.log("get", deployment("x"), None, level="Metadata", objectRef=old)
    Path("audit.log").write_bytes(server.lines[0])
    result = skel("import", "audit", "audit.log", "--callers", "--format", "json", "-o", "callers.json")
    assert (result.code, result.out) == (1, b"")
    (row,) = json.loads(Path("callers.json").read_text())["callers"]
    assert (row["user"], row["removedRelease"], row["count"]) == ("alice", "1.25", 1)


def test_config_of_the_recorder(skel: Run, log: Path) -> None:
    Path("tracer.yaml").write_text("trackedObjects: {v1.ConfigMap: {}}\n")
    assert_refused(skel("import", "audit", "audit.log", "--config", "tracer.yaml"), "nothing was found")
    Path("tracer.yaml").write_text("trackedObjects: {apps/v1.Deployment: {trackLifecycle: true}}\n")
    skel("import", "audit", "audit.log", "--config", "tracer.yaml", "-o", "out.sktrace")
    config = json.loads(skel("trace", "convert", "out.sktrace").text)["config"]
    assert config["trackedObjects"]["apps/v1.Deployment"]["trackLifecycle"] is True


def test_manifests_and_dump(skel: Run, work: Path) -> None:
    Path("k8s").mkdir()
    Path("k8s/a.yaml").write_text(yaml.safe_dump_all([deployment("cart"), deployment("shelf")]))
    for verb in ("manifests", "dump"):
        result = skel("import", verb, "k8s", "--at", "2026-05-01T10:00:00Z")
        assert result.err == "standard output: 1 event, 2 objects applied, 0 deleted\n"
        assert events(skel("trace", "convert", "-", stdin=result.out).text) == [(1777629600, 2, 0)]
    result = skel("import", "manifests", "k8s", "-", stdin=yaml.safe_dump(deployment("third", namespace="x")).encode())
    assert result.err == "standard output: 1 event, 3 objects applied, 0 deleted\n"
    result = skel("import", "manifests", "k8s", "-n", "x")
    assert_refused(result, "nothing was found")


def test_git(skel: Run, work: Path) -> None:
    assert_refused(skel("import", "git", "."), "can't be read as a git repository")


def test_helm(skel: Run, work: Path) -> None:
    Path("r.yaml").write_text(yaml.safe_dump(deployment("cart")))
    assert_refused(skel("import", "helm"), "name a cluster with --context or --kubeconfig, or files")
    assert_refused(skel("import", "helm", "r.yaml", "--context", "prod"), "or files")
    assert_refused(skel("import", "helm", "r.yaml"), "left out 1 object: no release of Helm 3", "nothing was found")
    assert_refused(skel("import", "helm", "--kubeconfig", "none"), "there is no kubeconfig none")


def test_kwok(skel: Run, work: Path) -> None:
    Path("rec.yaml").write_text(yaml.safe_dump(deployment("cart")))
    assert skel("import", "kwok", "rec.yaml").err == "standard output: 1 event, 1 object applied, 0 deleted\n"


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb not in {"git", "helm"}])
def test_the_input_is_not_overwritten(skel: Run, work: Path, verb: str) -> None:
    Path("in.yaml").write_text(yaml.safe_dump(deployment("cart")))
    assert_refused(skel("import", verb, "in.yaml", "-o", "./in.yaml"), "is the input")


@pytest.mark.parametrize("verb", ["manifests", "dump"])
def test_no_file_of_a_folder_is_overwritten_but_what_an_import_wrote(skel: Run, work: Path, verb: str) -> None:
    Path("k8s/deep").mkdir(parents=True)
    source = Path("k8s/deep/in.yaml")
    source.write_text(yaml.safe_dump(deployment("cart")))
    text = source.read_text()
    assert_refused(skel("import", verb, "k8s", "-o", "k8s/deep/in.yaml"), "lies in k8s, which is read")
    assert source.read_text() == text
    for _ in range(2):
        assert skel("import", verb, "k8s", "-o", "k8s/out.sktrace").code == 0


def test_no_file_of_a_repository_is_overwritten(skel: Run, work: Path) -> None:
    Path("repo").mkdir()
    Path("repo/in.yaml").write_text("kept")
    assert_refused(skel("import", "git", "repo", "-o", "repo/in.yaml"), "lies in repo, which is read")
    assert Path("repo/in.yaml").read_text() == "kept"


@pytest.mark.parametrize("verb", ["manifests", "dump"])
def test_a_path_that_is_not_there_is_not_passed_over(skel: Run, work: Path, verb: str) -> None:
    Path("in.yaml").write_text(yaml.safe_dump(deployment("cart")))
    assert_refused(skel("import", verb, "in.yaml", "nosuch", "-o", "new.sktrace"), "no file or folder `nosuch`")
    assert not Path("new.sktrace").exists()


def test_the_configuration_is_not_overwritten(skel: Run, log: Path) -> None:
    Path("tracer.yaml").write_text("trackedObjects: {apps/v1.Deployment: {}}")
    ran = skel("import", "audit", "audit.log", "--config", "tracer.yaml", "-o", "tracer.yaml")
    assert_refused(ran, "the output tracer.yaml is the input tracer.yaml")


def test_a_form_without_a_table(skel: Run, log: Path) -> None:
    assert_refused(skel("import", "audit", "audit.log", "--format", "csv", "-o", "t.sktrace"), "--callers")


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--start", "10m", "`10m` is no time"),
        ("--selector", "a b", "is no label selector"),
        ("--drop", "labels", "there is no `labels` to drop"),
        ("--config", "t.sktrace", "is not YAML"),
    ],
)
def test_options_that_say_nothing(skel: Run, log: Path, option: str, value: str, words: str) -> None:
    assert_refused(skel("import", "audit", "audit.log", option, value), words)


def test_a_full_disk(skel: Run, log: Path) -> None:
    assert_refused(skel("import", "audit", "audit.log", "-o", "/dev/full"), "the disk is full")


@pytest.mark.parametrize("arguments", [*((verb,) for verb in VERBS), ("audit", "--callers")])
def test_where_the_trace_goes_is_looked_at_before_anything_is_read(
    skel: Run, log: Path, arguments: tuple[str, ...]
) -> None:
    Path("audit.log").write_text("nonsense\n")
    result = skel("import", *arguments, "audit.log", "-o", "nowhere/out.sktrace")
    assert_refused(result, "nowhere/out.sktrace can't be written: the directory does not exist")
    assert "could not use" not in result.err
    assert leftovers(log) == []


def test_a_verb_that_is_not_there(skel: Run) -> None:
    assert_refused(skel("import", "manifest", "x"), "there is no `skel import manifest`; did you mean `manifests`?")
