from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonpatch
import pytest

from skel.trace.codec import decode_object
from skel.trace.model import Trace
from tests.cli import golden
from tests.cli.conftest import Run, assert_refused

UPGRADE = """\
rule "cronjob" {
  title "CronJobs are batch/v1";
  modify(kind == "CronJob", apiVersion = "batch/v1");
}
rule "status" {
  remove(status);
}
rule "typo" {
  append(kind == "Deployment", spec.replicas, "x");
}
"""


@pytest.fixture
def upgrade(work: Path) -> str:
    Path("upgrade.skel").write_text(UPGRADE)
    return "upgrade.skel"


def objects(path: str) -> list[dict[str, Any]]:
    events = Trace.open(path).events
    return [decode_object(raw) for event in events for raw in (*event.applied_objs, *event.deleted_objs)]


def test_output(skel: Run, upgrade: str) -> None:
    before = Path("t.sktrace").read_bytes()
    result = skel("transform", "t.sktrace", upgrade, "-o", "out.sktrace")
    assert (result.code, result.out) == (0, b"")
    assert [found["apiVersion"] for found in objects("out.sktrace")] == ["apps/v1", "batch/v1", "apps/v1", "batch/v1"]
    assert not any("status" in found for found in objects("out.sktrace"))
    assert Path("t.sktrace").read_bytes() == before
    golden.check("transform", result.err)


def test_what_is_keyed_by_kind_moves_along(skel: Run, upgrade: str) -> None:
    skel("transform", "t.sktrace", upgrade, "-o", "out.sktrace")
    after = Trace.open("out.sktrace")
    assert list(after.config["trackedObjects"]) == ["apps/v1.Deployment", "batch/v1.CronJob"]
    assert list(after.pod_lifecycles) == [("batch/v1.CronJob", "shop/report")]


def test_diff(skel: Run, upgrade: str, work: Path) -> None:
    before = sorted(work.iterdir())
    result = skel("transform", "t.sktrace", upgrade, "--diff")
    assert result.code == 0
    golden.check("transform-diff", result.text)
    assert sorted(work.iterdir()) == before


def test_diff_in_colour(skel: Run) -> None:
    text = skel("transform", "t.sktrace", "-e", "remove(status);", "--diff", "--color", "always").text
    assert "\x1b[31m  -status:\x1b[0m" in text


def test_patches_are_what_was_done(skel: Run, upgrade: str) -> None:
    skel("transform", "t.sktrace", upgrade, "-o", "out.sktrace", "--patches", "changes.jsonl")
    old, new = Trace.open("t.sktrace"), Trace.open("out.sktrace")
    lines = [json.loads(line) for line in Path("changes.jsonl").read_text().splitlines()]
    assert len(lines) == 4
    for line in lines:
        before = decode_object(getattr(old.events[line["event"]], line["list"])[line["position"]])
        after = decode_object(getattr(new.events[line["event"]], line["list"])[line["position"]])
        assert jsonpatch.apply_patch(before, line["operations"]) == after
        assert line["rules"]
        assert line["ts"] == old.events[line["event"]].ts


def test_patches_to_standard_output(skel: Run, upgrade: str) -> None:
    result = skel("transform", "t.sktrace", upgrade, "--patches", "-", "--summary", "none")
    assert [json.loads(line)["object"]["kind"] for line in result.out.splitlines()] == [
        "Deployment",
        "CronJob",
        "Deployment",
        "CronJob",
    ]
    assert result.err == ""


@pytest.mark.parametrize("options", [["-o", "-"], ["--diff"]])
def test_only_one_thing_goes_to_standard_output(skel: Run, upgrade: str, options: list[str]) -> None:
    assert_refused(skel("transform", "t.sktrace", upgrade, "--patches", "-", *options))


def test_streams(skel: Run, upgrade: str) -> None:
    skel("transform", "t.sktrace", upgrade, "-o", "out.sktrace")
    result = skel("transform", "-", upgrade, "-o", "-", stdin=Path("t.sktrace").read_bytes())
    assert result.code == 0
    assert result.out == Path("out.sktrace").read_bytes()


def test_program_from_standard_input(skel: Run) -> None:
    result = skel("transform", "t.sktrace", "-", "--patches", "-", stdin=b"remove(status);")
    assert len(result.out.splitlines()) == 2


def test_in_place(skel: Run) -> None:
    assert skel("transform", "t.sktrace", "-e", "remove(status);", "--in-place").code == 0
    assert not any("status" in found for found in objects("t.sktrace"))


def test_in_place_through_a_link(skel: Run, work: Path) -> None:
    Path("link").symlink_to("t.sktrace")
    skel("transform", "link", "-e", "remove(status);", "--in-place")
    assert Path("link").is_symlink()
    assert not any("status" in found for found in objects("t.sktrace"))


def test_programs_run_in_the_order_given(skel: Run, work: Path) -> None:
    Path("a.skel").write_text('modify(kind == "CronJob", spec.schedule = "a");')
    Path("b.skel").write_text('modify(spec.schedule == "a", spec.schedule = "b");')
    skel("transform", "t.sktrace", "a.skel", "b.skel", "-e", 'modify(spec.schedule == "b", spec.schedule = "c");',
         "-o", "out.sktrace")  # fmt: skip
    assert objects("out.sktrace")[1]["spec"]["schedule"] == "c"
    skel("transform", "t.sktrace", "b.skel", "a.skel", "-o", "out.sktrace")
    assert objects("out.sktrace")[1]["spec"]["schedule"] == "a"


def test_the_order_of_the_reference(skel: Run, upgrade: str) -> None:
    skel("transform", "t.sktrace", upgrade, "-o", "one")
    skel("transform", upgrade, "t.sktrace", "-o", "two")
    assert Path("one").read_bytes() == Path("two").read_bytes()


def test_an_empty_program_writes_the_same_bytes(skel: Run, work: Path) -> None:
    Path("empty.skel").write_text("# nothing\n")
    assert skel("transform", "t.sktrace", "empty.skel", "-o", "out.sktrace").code == 0
    assert Path("out.sktrace").read_bytes() == Path("t.sktrace").read_bytes()


@pytest.mark.parametrize("output", [["-o", "out.sktrace"], ["--in-place"]])
def test_strict(skel: Run, upgrade: str, work: Path, output: list[str]) -> None:
    before = Path("t.sktrace").read_bytes()
    result = skel("transform", "t.sktrace", upgrade, "--strict", *output)
    assert_refused(result, "--strict", "skipped typo: ")
    assert Path("t.sktrace").read_bytes() == before
    assert not Path("out.sktrace").exists()


def test_param(skel: Run, work: Path) -> None:
    Path("p.skel").write_text('param $to = "a"; modify(kind == "CronJob", spec.schedule = $to);')
    skel("transform", "t.sktrace", "p.skel", "--param", "to=0 5 * * *", "-o", "out.sktrace")
    assert objects("out.sktrace")[1]["spec"]["schedule"] == "0 5 * * *"


def test_target(skel: Run, work: Path) -> None:
    Path("p.skel").write_text('delete(target("kubernetes") >= 1.25 && kind == "CronJob");')
    skel("transform", "t.sktrace", "p.skel", "--target", "kubernetes=1.24", "-o", "old")
    skel("transform", "t.sktrace", "p.skel", "--target", "kubernetes=1.25", "-o", "new")
    assert [len(objects("old")), len(objects("new"))] == [4, 2]


@pytest.mark.parametrize("option", ["--param", "--target"])
def test_options_that_need_a_name_and_a_value(skel: Run, option: str) -> None:
    assert_refused(skel("transform", "t.sktrace", "-e", "remove(status);", option, "x"), f"{option} takes NAME=VALUE")


def test_workers_make_no_difference(skel: Run, upgrade: str) -> None:
    skel("transform", "t.sktrace", upgrade, "-o", "one", "--workers", "1")
    skel("transform", "t.sktrace", upgrade, "-o", "three", "--workers", "3")
    assert Path("one").read_bytes() == Path("three").read_bytes()


def test_findings_are_code_1(skel: Run) -> None:
    result = skel("transform", "t.sktrace", "-e", 'deny(kind == "CronJob", "too old");', "--in-place")
    assert result.code == 1
    golden.check("transform-findings", result.err)


def test_summary_as_json(skel: Run, upgrade: str) -> None:
    result = skel("transform", "t.sktrace", upgrade, "-o", "out.sktrace", "--summary", "json")
    summary = json.loads(result.err)
    assert (summary["schemaVersion"], summary["objects"], summary["changed"]) == (1, 4, 4)
    assert [rule["id"] for rule in summary["rules"]] == ["cronjob", "status", "typo"]
    assert summary["bytesIn"] == Path("t.sktrace").stat().st_size
    assert summary["bytesOut"] == Path("out.sktrace").stat().st_size


def test_nothing_is_written_without_a_word(skel: Run, upgrade: str) -> None:
    assert "nothing was written" in skel("transform", "t.sktrace", upgrade).err


def test_output_to_a_device(skel: Run, upgrade: str) -> None:
    assert skel("transform", "t.sktrace", upgrade, "-o", "/dev/null").code == 0
    assert not Path("/dev/null").is_file()


def test_a_pipe_is_read_whole(process: Run, upgrade: str) -> None:
    """Nothing of a pipe may be lost to a look at its first byte."""
    result = process("transform", "/dev/stdin", upgrade, "-o", "out.sktrace", stdin=Path("t.sktrace").read_bytes())
    assert result.code == 0, result.err
