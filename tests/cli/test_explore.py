from __future__ import annotations

import re
from pathlib import Path

from tests.cli.conftest import Run, assert_refused, leftovers


def test_a_page(skel: Run, work: Path) -> None:
    result = skel("explore", "t.sktrace", "--html", "t.html")
    assert (result.code, result.text, result.err) == (0, "", "")
    page = Path("t.html").read_text("utf-8")
    assert page.startswith("<!doctype html>")
    assert "Findings are those" not in page
    assert leftovers(work) == []


def test_a_page_with_findings(skel: Run) -> None:
    assert skel("explore", "t.sktrace", "--html", "t.html", "--to", "1.25").code == 0
    page = Path("t.html").read_text("utf-8")
    assert "Findings are those of an upgrade to 1.25." in page
    assert re.search(r'"f":\[\{"c":"KU\d+","l":"error"', page)


def test_a_page_on_standard_output(skel: Run) -> None:
    assert skel("explore", "t.sktrace", "--html", "-").text.startswith("<!doctype html>")


def test_what_it_refuses(skel: Run) -> None:
    assert_refused(skel("explore", "t.sktrace", "--html", "t.sktrace"), "is the input")
    assert_refused(skel("explore", "nothing.sktrace", "--html", "t.html"), "does not exist")
    assert_refused(skel("explore", "t.sktrace", "--html", "t.html", "--to", "9.9"), "9.9")


def test_the_terminal_is_another_matter(skel: Run) -> None:
    assert_refused(skel("explore", "t.sktrace"), "--html")
