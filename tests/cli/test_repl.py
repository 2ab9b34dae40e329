"""The prompt: what is typed goes in, what is answered comes out; the terminal is another matter."""

from __future__ import annotations

from pathlib import Path

import pytest

from skel.repl.orders import obey
from skel.repl.session import Session, Settings
from skel.repl.shell import Shell
from skel.report.terminal import Paint
from skel.trace.codec import decode_object
from skel.trace.model import Trace
from tests.cli import golden
from tests.cli.conftest import Run, assert_refused
from tests.cli.small import big_trace, small_trace


class Typist:
    """A shell, and what it has said since the last question."""

    def __init__(self, trace: Trace, settings: Settings | None = None) -> None:
        self.lines: list[str] = []
        self.session = Session(trace, settings)
        self.shell = Shell(self.session, self.lines.append, self.lines.append, Paint(color=False), obey)

    def __call__(self, text: str) -> str:
        self.lines.clear()
        self.shell.answer(text)
        return "\n".join(self.lines)


@pytest.fixture
def typed() -> Typist:
    return Typist(small_trace())


def images(trace: Trace) -> list[str]:
    found = [decode_object(raw) for event in trace.events for raw in event.applied_objs]
    return [item["spec"]["template"]["spec"]["containers"][0]["image"] for item in found if "template" in item["spec"]]


CHANGE = 'modify(podSpec.containers[0].image = "x:1");'


def test_a_session_as_people_see_it(typed: Typist) -> None:
    inputs = [
        'kind == "Deployment" && spec.replicas > 1',
        ":show 1",
        "remove(status);",
        ":apply",
        'define tag($p) { modify($p = "x:1"); }',
        "tag(podSpec.containers[0].image)",
        ":apply",
        ":program",
        ":kinds",
        "podSpec.containers[0].image == ",
        "remov(status)",
        ":sho",
        ":undo",
        ":undo",
        ":undo",
        ":help",
    ]
    golden.check("repl", "".join(f"skel> {text}\n{typed(text)}\n" for text in inputs))


def test_nothing_changes_before_apply(typed: Typist) -> None:
    before = typed.session.trace
    assert "2 would be changed" in typed(CHANGE)
    assert typed.session.trace is before
    typed(":apply")
    assert images(typed.session.trace) == ["x:1", "x:1"]


def test_undo_goes_back_step_by_step(typed: Typist) -> None:
    before = typed.session.trace
    typed(CHANGE)
    typed(":apply")
    typed("remove(status);")
    typed(":apply")
    assert typed(":undo") == "undone: remove(status);"
    assert images(typed.session.trace) == ["x:1", "x:1"]
    typed(":undo")
    assert typed.session.trace is before
    assert "nothing to undo" in typed(":undo")


def test_only_the_last_trial_is_applied(typed: Typist) -> None:
    typed(CHANGE)
    typed("remov(status);")
    assert "nothing to apply" in typed(":apply")
    typed(CHANGE)
    typed(":apply")
    assert "nothing to apply" in typed(":apply")


def test_looking_around_keeps_the_trial(typed: Typist) -> None:
    typed(CHANGE)
    typed('kind == "CronJob"')
    assert typed(":apply").startswith("applied; 1 program so far")


@pytest.mark.parametrize(
    "text", ["remove(status)", "remove(status);", " remove(status) ;", "when * { remove(status); }"]
)
def test_the_last_semicolon_may_be_missing(typed: Typist, text: str) -> None:
    assert "2 would be changed" in typed(text)


@pytest.mark.parametrize(
    ("selector", "count"),
    [
        ("*", 4),
        ('kind == "CronJob"', 2),
        ("exists(status)", 2),
        ("@t >= 1m", 2),
        ('$c := podSpec.containers[*] | $c.name == "log"', 2),
        ('lower(kind) == "deployment" # all of them', 2),
        ('kind == "Pod"', 0),
    ],
)
def test_selectors(typed: Typist, selector: str, count: int) -> None:
    assert len(typed.session.find(selector)) == count


def test_more_goes_on_where_it_stopped() -> None:
    typed = Typist(big_trace(12))
    assert typed("*").splitlines()[-1] == "... 7 more: `:more`"
    assert typed(":more").splitlines()[0].startswith("   6  Deployment/shop/web")
    assert len(typed(":more").splitlines()) == 2
    assert typed(":more") == "that is all"
    assert typed("remove(status);").count("@@") == 3 * 2
    assert typed(":more").splitlines()[-1] == "... 6 more: `:more`"


def test_more_and_show_speak_of_the_trace_as_it_was() -> None:
    typed = Typist(big_trace(12))
    typed("delete(*);")
    typed("exists(status)")
    typed(":apply")
    assert "Deployment/shop/web" in typed(":more")
    assert "readyReplicas" in typed(":show 12")


@pytest.mark.parametrize("number", ["0", "13", "x", "", "-1"])
def test_show_of_nothing(number: str) -> None:
    typed = Typist(big_trace(12))
    typed("*")
    assert "there is no hit" in typed(f":show {number}")


def test_long_diffs_are_cut_and_shown(typed: Typist) -> None:
    typed('modify(kind == "CronJob", metadata.annotations = {' + ", ".join(f'"k{n}": "v"' for n in range(60)) + "});")
    assert "more lines: `:show 1`" in "\n".join(typed.lines)
    assert typed(":show 1").count("k59: v") == 1


def test_definitions_stay(typed: Typist) -> None:
    assert typed('param $kind = "CronJob";') == "defined"
    assert typed("kind == $kind").startswith("2 objects")
    assert typed('param $kind = "Deployment";') == "defined"
    assert typed("kind == $kind && spec.replicas > 1").startswith("1 object matches")


def test_skips_and_findings(typed: Typist) -> None:
    assert "skipped: the target is not an array (2 objects)" in typed('append(kind == "Deployment", spec.replicas, 1);')
    assert "warning: old (CronJob/shop/report in event 0)" in typed('deny(kind == "CronJob", "old");')


def test_targets() -> None:
    typed = Typist(small_trace(), Settings(targets={"kubernetes": "1.25"}))
    assert typed('target("kubernetes") >= 1.25').startswith("4 objects")


def test_commands_on_the_trace(typed: Typist) -> None:
    assert "times would move" in typed("shift(10m);")
    typed(":apply")
    assert typed.session.trace.start == small_trace().start + 600


def test_save_and_program(typed: Typist, work: Path) -> None:
    typed(CHANGE)
    typed(":apply")
    assert typed(":save out.sktrace") == "wrote out.sktrace"
    assert typed(":program out.skel") == "wrote out.skel"
    assert images(Trace.open("out.sktrace")) == ["x:1", "x:1"]
    assert Path("out.skel").read_text() == f"{CHANGE}\n"


def test_the_trace_that_is_open_is_not_overwritten(work: Path) -> None:
    typed = Typist(Trace.open("t.sktrace"))
    Path("link").symlink_to("t.sktrace")
    for order in (":save t.sktrace", ":save link", ":program ./t.sktrace"):
        assert "is the trace that is open" in typed(order)


@pytest.mark.parametrize("order", [":save", ":save none/x", ":program none/x", ":nothing", ":"])
def test_wrong_orders(typed: Typist, work: Path, order: str) -> None:
    assert typed(order).startswith("error: ")
    assert typed.shell.failures == 1


@pytest.mark.parametrize("text", ["", "   ", "# a remark"])
def test_nothing(typed: Typist, text: str) -> None:
    assert typed(text) == ""


@pytest.mark.parametrize(
    ("text", "column"),
    [
        ("kind ==", 8),
        ('kind = "Pod"', 6),
        ("spec.x == 3,", 13),
        ('lowr(kind) == "a"', 1),
        ("kind == $x", 9),
        ("a\n  == == 1", 6),
    ],
)
def test_mistakes_in_selectors_have_their_place(typed: Typist, text: str, column: int) -> None:
    said = typed(text)
    assert f"<input>:{1 + text.count(chr(10))}:{column}\n" in said
    assert "deny" not in said


# ---- from a pipe -----------------------------------------------------------------------------------------------------


def test_from_a_pipe(process: Run) -> None:
    result = process("repl", "t.sktrace", stdin=b"remove(status);\n:quit\nremove(spec);\n")
    assert (result.code, result.err) == (0, "")
    assert b"\x1b" not in result.out
    assert result.text.startswith("4 objects match, 2 would be changed\n   1  Deployment shop/web  applied in event 0")
    assert b"schedule" not in result.out


def test_blocks_from_a_pipe(skel: Run) -> None:
    text = 'when kind == "CronJob" {\n  remove(spec);\n}\n:apply\n:save out.sktrace\n'
    result = skel("repl", "t.sktrace", stdin=text.encode())
    assert result.code == 0
    assert result.text.endswith("wrote out.sktrace\n")


def test_a_pipe_with_mistakes_is_code_2(skel: Run) -> None:
    result = skel("repl", "t.sktrace", stdin=b'remov(status);\nkind == "CronJob"\n')
    assert result.code == 2
    assert result.err.startswith("error[SK020]")
    assert result.text.startswith("2 objects match")


def test_a_pipe_that_is_no_text(skel: Run) -> None:
    result = skel("repl", "t.sktrace", stdin=b"kind == \xff\n")
    assert_refused(result, "SK001")


def test_saved_changes_are_not_mentioned(skel: Run) -> None:
    text = b"remove(status);\n:apply\n:save out.sktrace\n"
    assert skel("repl", "t.sktrace", stdin=text).err == ""
    assert skel("repl", "t.sktrace", stdin=b"remove(status);\n:apply\n:undo\n").err == ""


def test_unsaved_changes_are_mentioned(skel: Run) -> None:
    assert skel("repl", "t.sktrace", stdin=b"remove(status);\n:apply\n").err == "the changes were not saved\n"
