from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest
from msgspec import Raw

from skel.query import search
from skel.report.hits import compact
from skel.trace.codec import decode_object
from tests.cli import golden
from tests.cli.conftest import Run, assert_refused, command_line, environment

IMAGES = "$.spec.template.spec.containers[*].image"


def test_text(skel: Run) -> None:
    result = skel("query", "t.sktrace", IMAGES)
    assert result.code == 0
    golden.check("query", result.text)


def test_hits_are_paths_of_the_language(skel: Run) -> None:
    text = skel("query", "t.sktrace", "$.metadata.labels.*", "--limit", "1").text
    assert text.split() == [
        "0",
        "2023-11-14T22:13:20Z",
        "Deployment/shop/web",
        'metadata.labels."app.kubernetes.io/name"',
        '"web"',
    ]


def test_negative_index_is_shown_from_the_start(skel: Run) -> None:
    text = skel("query", "t.sktrace", "$.spec.template.spec.containers[-1].name").text
    assert "containers[1].name" in text


def test_computed_values_show_the_jsonpath(skel: Run) -> None:
    line = skel("query", "t.sktrace", "$.spec.template.spec.containers.`len`").text.splitlines()[0]
    assert line.endswith("$.spec.template.spec.containers.`len`  2")


def test_json(skel: Run) -> None:
    found = json.loads(skel("query", "t.sktrace", "$.spec.replicas", "-o", "json").out)
    assert found["schemaVersion"] == 1
    assert found["jsonPath"] == "$.spec.replicas"
    assert [hit["value"] for hit in found["hits"]] == [1, 3]
    assert found["hits"][0] == {
        "event": 0,
        "ts": 1_700_000_000,
        "list": "applied_objs",
        "position": 0,
        "object": {"apiVersion": "apps/v1", "kind": "Deployment", "namespace": "shop", "name": "web"},
        "path": "spec.replicas",
        "pointer": "/spec/replicas",
        "value": 1,
    }


def test_jsonl(skel: Run) -> None:
    lines = skel("query", "t.sktrace", "$.spec.replicas", "-o", "jsonl").out.splitlines()
    assert [json.loads(line)["value"] for line in lines] == [1, 3]


@pytest.mark.parametrize(
    ("options", "names"),
    [
        ([], ["web", "report", "web"]),
        (["--kind", "cronjob"], ["report"]),
        (["--kind", "CronJob", "--kind", "Deployment"], ["web", "report", "web"]),
        (["--deleted", "--kind", "CronJob"], ["report", "report"]),
        (["-n", "shop", "--name", "web"], ["web", "web"]),
        (["--limit", "2"], ["web", "report"]),
    ],
)
def test_options(skel: Run, options: list[str], names: list[str]) -> None:
    lines = skel("query", "t.sktrace", "$.metadata.name", "-o", "jsonl", *options).out.splitlines()
    assert [json.loads(line)["value"] for line in lines] == names


@pytest.mark.parametrize("form", ["text", "json", "jsonl"])
def test_no_hit_is_code_1_in_every_form(skel: Run, form: str) -> None:
    result = skel("query", "t.sktrace", "$.foo", "-o", form)
    assert result.code == 1
    assert result.err == "no hit for $.foo in t.sktrace\n"


def test_other_namespaces_have_no_hits(skel: Run) -> None:
    assert skel("query", "t.sktrace", "$.metadata.name", "-n", "other").code == 1


def test_standard_input(skel: Run) -> None:
    data = Path("t.sktrace").read_bytes()
    assert skel("query", "-", "$.spec.schedule", stdin=data).text.endswith('"*/5 * * * *"\n')


@pytest.mark.parametrize(
    ("jsonpath", "place", "word"),
    [
        ("$.spec.[x", "  $.spec.[x\n           ^", "ends too early"),
        ("$.spec^", "  $.spec^\n        ^", "`^` is not expected"),
        ("$.spec[?(@.a==]", "  $.spec[?(@.a==]\n                ^", "`]` is not expected"),
        ("$.a.`foo`", "  $.a.`foo`\n      ^", "`foo` is no function"),
        ('$."abc', '  $."abc\n        ^', "quote is not closed"),
        ("{.spec.replicas}", "  {.spec", "leave out the braces of kubectl: $.spec.replicas"),
        (".spec", "  .spec\n  ^", "begin with `$`, the object: $.spec"),
        ("", "", "ends too early"),
        ("$.spec.template.spec.containers[?(@.name =~ '(')]", "", "unterminated"),
    ],
)
def test_wrong_jsonpath(skel: Run, jsonpath: str, place: str, word: str) -> None:
    result = skel("query", "t.sktrace", jsonpath)
    assert_refused(result, place, word)
    assert result.out == b""


def test_values_from_strangers_do_not_speak_to_the_terminal(skel: Run) -> None:
    assert compact({"a": "\x1b]0;\x07\u202e"}) == '{"a":"\\u001b]0;\\u0007\\x202e"}'


def test_other_kinds_are_not_decoded(skel: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def watch(raw: Raw, where: str) -> dict[str, Any]:
        seen.append(where)
        return decode_object(raw, where)

    monkeypatch.setattr(search, "decode_object", watch)
    skel("query", "t.sktrace", "$.spec", "--kind", "CronJob")
    assert len(seen) == 1


def test_a_reader_that_has_seen_enough(work: object) -> None:
    """`skel query ... | head -1` ends without a word."""
    line = " ".join(command_line("query", "t.sktrace", "'$..*'"))
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {line} | head -1"],
        capture_output=True,
        env=environment(),
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
