from __future__ import annotations

import json
from pathlib import Path

import pytest

from skel.replay.account import account
from skel.replay.compare import Verdict, compare
from skel.replay.run_reading import BadRunError, open_run
from tests.replay.runs import a_run, request, write_lines, write_run


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda folder: None, "there is no such folder"),
        (lambda folder: folder.write_text("x"), "is a file"),
        (lambda folder: folder.mkdir(), "is not the folder of a run"),
    ],
)
def test_what_is_no_run_is_refused(tmp_path: Path, make: object, words: str) -> None:
    folder = tmp_path / "run"
    make(folder)  # type: ignore[operator]
    with pytest.raises(BadRunError, match=words) as caught:
        open_run(folder)
    assert caught.value.hint


@pytest.mark.parametrize("text", ["", "{", "[]", '{"speed": "fast"}', "\ufffe"])
def test_a_damaged_header_is_refused(tmp_path: Path, text: str) -> None:
    folder = write_run(tmp_path / "run", [])
    (folder / "run.json").write_text(text, "utf-8")
    with pytest.raises(BadRunError, match=r"run\.json can't be read"):
        open_run(folder)


def test_a_run_of_a_later_version_is_refused(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", [], schemaVersion=2)
    with pytest.raises(BadRunError, match="schema version 2; this skel knows 1"):
        open_run(folder)


def test_a_run_that_was_killed_is_read_as_far_as_it_came(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", [request(0), request(60)])
    (folder / "run.json").unlink()
    with (folder / "requests.jsonl").open("a") as file:
        file.write('{"t": 120, "verb": "app')
    run = open_run(folder)
    assert not run.header.is_complete
    assert [line.t for line in run.requests()] == [0, 60]
    assert run.unread == {"requests.jsonl": 1}
    assert account(run).exit_code == 2


def test_lines_that_are_none_are_counted_and_told(tmp_path: Path) -> None:
    whole = a_run(tmp_path / "one", [request(0), request(60)])
    folder = write_run(tmp_path / "two", [request(0), request(60)])
    (folder / "requests.jsonl").write_text("\n[1]\nnull\n" + (folder / "requests.jsonl").read_text())
    found = compare([whole], [open_run(folder)])
    assert found.verdict is Verdict.INCOMPLETE
    assert found.problems == ("two/requests.jsonl: 2 lines could not be read",)
    assert found.same_requests == 2


def test_what_is_unknown_or_left_out_does_no_harm(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "run", [])
    write_lines(
        folder / "requests.jsonl", [{"later": 1}, {"t": 5, "verdict": None, "warnings": None, "namespace": None}]
    )
    header = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps({**header, "trace": {"name": None}, "new": {}, "behind": None}))
    seen = account(open_run(folder))
    assert dict(seen.observed.requests.verdicts) == {"unknown": 2}
    assert seen.exit_code == 0


def test_a_run_without_requests_is_not_compared_as_if_it_had_none(tmp_path: Path) -> None:
    folder = write_run(tmp_path / "two", [])
    (folder / "requests.jsonl").unlink()
    found = compare([a_run(tmp_path / "one", [])], [open_run(folder)])
    assert found.problems == ("two has no requests.jsonl",)
