"""Completion, several lines, and the terminal itself."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from prompt_toolkit.application import create_app_session
from prompt_toolkit.completion import CompleteEvent
from prompt_toolkit.document import Document
from prompt_toolkit.input import PipeInput, create_pipe_input
from prompt_toolkit.output import DummyOutput

from skel.repl.completion import Completions
from skel.repl.orders import obey
from skel.repl.paths_seen import look_around
from skel.repl.plain import inputs
from skel.repl.run import run
from skel.repl.session import Session
from skel.repl.shell import Shell
from skel.repl.terminal import TerminalCompleter, history_file, reader
from skel.repl.typed import Sort, is_open, understand
from skel.report.terminal import Paint
from tests.cli.small import small_trace

COMPLETIONS = Completions(lambda: look_around(small_trace()), [":apply", ":save"])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (":a", [":apply"]),
        ("kind == ", ['"CronJob"', '"Deployment"']),
        ('kind == "De', ['"Deployment"']),
        ('apiVersion = "', ['"apps/v1"', '"batch/v1beta1"']),
        ("spec.te", [".template"]),
        ("spec.template.spec.con", [".containers", ".containers[*]"]),
        ("spec.template.spec.containers", [".containers[*]"]),
        ("spec.template.spec.containers[", ["[*]"]),
        ("spec.template.spec.containers[0].", [".name", ".image"]),
        ("podSpec.containers[*].n", [".name"]),
        ("podTemplate.", [".spec"]),
        ("metadata.labels.", ['."app.kubernetes.io/name"']),
        ("metadata.labels.app", ['."app.kubernetes.io/name"']),
        ('metadata.labels."app', ['."app.kubernetes.io/name"']),
        ("$c := podSpec.containers[*] | $c.na", [".name"]),
        ("$c := spec.template.spec.containers[*] | exists($c.im", [".image"]),
        ("podSpec.containers[?(@.na", [".name"]),
        ("remov", ["remove"]),
        ('kind == "a" && remov', []),
        ("remove(remov", []),
        ("delete(*); mod", ["modify"]),
        ("low", ["lower"]),
        ("podS", ["podSpec"]),
        ("sta", ["startswith", "status"]),
        ("$x.na", []),
        ("@.na", []),
        ('"abc', []),
        ("spec.replicas.x.y", []),
    ],
)
def test_completion(text: str, expected: list[str]) -> None:
    found = COMPLETIONS.at(text)
    assert [candidate.text for candidate in found] == expected
    assert all(text.endswith(candidate.typed) for candidate in found)


def test_nothing_of_the_trace_is_read_before_it_is_wanted() -> None:
    def look() -> None:
        raise AssertionError("this was not needed")

    completions = Completions(look, [":apply"])  # type: ignore[arg-type]
    assert completions.at(":ap") == [(":ap", ":apply")]


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("", Sort.NOTHING),
        ("# a", Sort.NOTHING),
        (":help", Sort.ORDER),
        ("*", Sort.SELECTOR),
        ('kind == "a;"', Sort.SELECTOR),
        ("exists(spec)", Sort.SELECTOR),
        ('lower(kind) == "a"', Sort.SELECTOR),
        ("remove == 1", Sort.SELECTOR),
        ("remove(status)", Sort.PROGRAM),
        ("remov(status)", Sort.PROGRAM),
        ("mine(status);", Sort.PROGRAM),
        ("param $a = 1", Sort.PROGRAM),
        ("when * { }", Sort.PROGRAM),
        ("kind == 1; # a", Sort.PROGRAM),
    ],
)
def test_what_was_typed(text: str, sort: Sort) -> None:
    assert understand(text).sort is sort


@pytest.mark.parametrize(
    ("text", "more"),
    [
        ("when * {", True),
        ("when * {\n  remove(status);", True),
        ("when * {\n  remove(status);\n}", False),
        ("remove(", True),
        ("remove(status;", False),
        ("remove(\n", False),
        ('kind == "{"', False),
        ("kind in [", True),
        ("# {", False),
        (":save {", False),
    ],
)
def test_more_lines_follow(text: str, more: bool) -> None:
    assert is_open(text) is more


def test_lines_become_inputs() -> None:
    lines = ["*", "when * {", "remove(a);", "}", "remove(", "", "kind in ["]
    assert list(inputs(iter(lines))) == ["*", "when * {\nremove(a);\n}", "remove(\n", "kind in ["]


# ---- the terminal ----------------------------------------------------------------------------------------------------


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[PipeInput]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with create_pipe_input() as pipe, create_app_session(input=pipe, output=DummyOutput()):
        yield pipe


def typed_into(read: Callable[[], str]) -> str:
    lines: list[str] = []
    run(Shell(Session(small_trace()), lines.append, lines.append, Paint(color=False), obey), read)
    return "\n".join(lines)


def test_typing(keys: PipeInput) -> None:
    keys.send_text('kind == "CronJob"\r:quit\r')
    assert typed_into(reader(COMPLETIONS, color=False)).startswith("2 objects match")
    assert '+kind == "CronJob"' in history_file().read_text()
    assert history_file().stat().st_mode & 0o077 == 0


def test_the_terminal_offers_the_completions() -> None:
    document = Document('kind == "Cr')
    found = list(TerminalCompleter(COMPLETIONS).get_completions(document, CompleteEvent()))
    assert [(candidate.text, candidate.start_position) for candidate in found] == [('"CronJob"', -3)]


def test_control_c_clears_the_line_and_control_d_leaves(keys: PipeInput) -> None:
    keys.send_text("nonsense\x03*\r\x04")
    assert typed_into(reader(COMPLETIONS, color=False)).startswith("4 objects match")


def test_a_block_has_several_lines(keys: PipeInput) -> None:
    keys.send_text("when * {\rremove(status);\r}\r\x04")
    assert "2 would be changed" in typed_into(reader(COMPLETIONS, color=False))


def test_without_a_place_for_the_history(keys: PipeInput, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "file"))
    keys.send_text("*\r\x04")
    assert typed_into(reader(COMPLETIONS, color=False)).startswith("4 objects match")


def test_an_interrupt_ends_the_answer_and_not_the_session(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = iter(["*", "*"])

    def read() -> str:
        try:
            return next(texts)
        except StopIteration:
            raise EOFError from None

    answers = iter([KeyboardInterrupt(), None])

    def answer(_: Shell, text: str) -> None:
        if error := next(answers):
            raise error

    monkeypatch.setattr(Shell, "answer", answer)
    assert typed_into(read) == "interrupted"
    assert next(answers, "all were given") == "all were given"
