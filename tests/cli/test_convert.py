from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run, assert_refused, leftovers


@pytest.mark.parametrize("name", ["t.json", "t.jsonl", "t.ndjson", "t.JSON"])
def test_there_and_back(skel: Run, work: Path, name: str) -> None:
    assert skel("trace", "convert", "t.sktrace", "-o", name).code == 0
    assert skel("trace", "convert", name, "-o", "again.sktrace").code == 0
    assert Path("again.sktrace").read_bytes() == Path("t.sktrace").read_bytes()
    lines = Path(name).read_text().splitlines()
    assert (len(lines) == 4) == name.endswith(("jsonl", "ndjson"))


def test_output_may_stand_without_its_option(skel: Run, work: Path) -> None:
    assert skel("trace", "convert", "t.sktrace", "t.json").code == 0
    assert json.loads(Path("t.json").read_bytes())["version"] == 2


def test_streams_take_the_other_form(skel: Run, work: Path) -> None:
    trace = Path("t.sktrace").read_bytes()
    text = skel("trace", "convert", "-", stdin=trace)
    assert json.loads(text.out)["version"] == 2
    assert skel("trace", "convert", "-", "-o", "-", stdin=text.out).out == trace


@pytest.mark.parametrize("form", ["json", "jsonl", "sktrace"])
def test_to_wins_over_the_name(skel: Run, work: Path, form: str) -> None:
    assert skel("trace", "convert", "t.sktrace", "-o", "odd.json", "--to", form).code == 0
    data = Path("odd.json").read_bytes()
    assert data[:1] == (b"\x85" if form == "sktrace" else b"{")
    assert data.count(b"\n") == {"json": data.count(b"\n"), "jsonl": 4, "sktrace": data.count(b"\n")}[form]


def test_the_content_tells_not_the_name(skel: Run, work: Path) -> None:
    skel("trace", "convert", "t.sktrace", "-o", "t.json")
    Path("t.json").rename("odd.sktrace")
    assert skel("trace", "convert", "odd.sktrace", "-o", "back.sktrace").code == 0
    assert Path("back.sktrace").read_bytes() == Path("t.sktrace").read_bytes()


def test_compact_json_of_one_line(skel: Run, work: Path) -> None:
    text = json.dumps(json.loads(skel("trace", "convert", "t.sktrace").out))
    result = skel("trace", "convert", "-", "-o", "-", stdin=text.encode())
    assert result.out == Path("t.sktrace").read_bytes()


def test_byte_order_mark(skel: Run, work: Path) -> None:
    text = b"\xef\xbb\xbf" + skel("trace", "convert", "t.sktrace").out
    assert skel("trace", "convert", "-", stdin=text).out == Path("t.sktrace").read_bytes()


def test_json_to_json(skel: Run, work: Path) -> None:
    """Indented again: what a person edited becomes comparable."""
    text = skel("trace", "convert", "t.sktrace").out
    compact = json.dumps(json.loads(text)).encode()
    assert skel("trace", "convert", "-", "--to", "json", stdin=compact).out == text


def test_recorded_traces(skel: Run, shared_traces: Path) -> None:
    for trace in sorted(shared_traces.glob("*.sktrace")):
        for form in ("json", "jsonl"):
            text = skel("trace", "convert", str(trace), "--to", form).out
            assert skel("trace", "convert", "-", stdin=text).out == trace.read_bytes()


@pytest.mark.parametrize("output", ["t.sktrace", "./t.sktrace", "link.sktrace"])
def test_the_input_is_not_overwritten(skel: Run, work: Path, output: str) -> None:
    Path("link.sktrace").symlink_to("t.sktrace")
    before = Path("t.sktrace").read_bytes()
    assert_refused(skel("trace", "convert", "t.sktrace", "-o", output, "--to", "json"), "is the input")
    assert Path("t.sktrace").read_bytes() == before


@pytest.mark.parametrize(
    ("text", "word"),
    [
        (b'{"version": 2', "not valid JSON"),
        (b'{"version": 3, "config": {}, "events": [], "index": {}, "pod_lifecycles": []}', "version 3"),
        (b'{"a": 1}', "has no `version`"),
        (b'{"events": 3}\n{"ts": 1}\n', "has 1 events, but line 1 says 3"),
        (b"kind: Pod\n", "is text, perhaps YAML"),
        (b"", "is empty"),
        (b"\x85\xa7version\x02", "ends in the middle"),
    ],
)
def test_bad_input(skel: Run, work: Path, text: bytes, word: str) -> None:
    Path("bad").write_bytes(text)
    assert_refused(skel("trace", "convert", "bad", "-o", "out.sktrace"), "bad", word)
    assert not Path("out.sktrace").exists()
    assert leftovers(work) == []


def test_two_names_for_the_output(skel: Run) -> None:
    assert_refused(skel("trace", "convert", "t.sktrace", "a", "-o", "b"), "name the output once")


def test_full_disk(skel: Run) -> None:
    assert_refused(skel("trace", "convert", "t.sktrace", "-o", "/dev/full", "--to", "json"), "the disk is full")
