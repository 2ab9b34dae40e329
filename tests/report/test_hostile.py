"""Names and messages from a stranger change no report into something else."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import yaml
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from skel.findings.model import (
    Evidence,
    Finding,
    Findings,
    Fix,
    FoundObject,
    Location,
    NotChecked,
    Problem,
    Scanned,
    Suppressed,
    TextEdit,
)
from skel.findings.severity import Severity
from skel.patch.operations import Add
from skel.report.findings.markdown import code, text
from skel.report.findings.rows import COLUMNS
from tests.report.making import report

HOSTILE = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</style></script><b>",
    "{{ 7 * 7 }}{% raw %}",
    "a|b`c``d\\|",
    "[x](javascript:alert(1)) ![y](http://e/x.png)",
    "# head\n- list\n1. one\n---\n| a |",
    "::error file=x::boo\n::stop-commands::x\r##[add-mask]y",
    "%0A::error::x,y:z%",
    "=1+1",
    "@SUM(A1)\t+1\r-1",
    "\x00\x01\x1b[31m\x7f\x85\u2028\u202e\ufffe\ud800",
    "]]>&amp;<!--",
    "'a' : b\n- c\n--- !!python/object:os.system",
    "@everyone #1 GH-1 $x$ ~~x~~ https://e.com/@a",
)


def everywhere(word: str) -> Findings:
    """The word in every text there is, twice as a finding."""
    finding = Finding(
        code=word,
        rule=word,
        severity=Severity.ERROR,
        message=word,
        location=Location(file=word, line=1, column=1, pointer=word),
        object=FoundObject(word, word, word, word),
        title=word,
        hop=word,
        category=word,
        help=word,
        url=word,
        evidence=(Evidence(word, word, 0.0, word, stale=True, clear=word),),
        fix=Fix(
            word, operations=(Add((word,), {word: [word, None, float("inf")]}),), edits=(TextEdit(word, 0, 1, word),)
        ),
        labels=((word, word),),
    )
    return Findings(
        (finding, replace(finding, object=None)),
        tool=word,
        scanned=Scanned((word,), 1, 1, 1, 1),
        source=word,
        target=word,
        data=word,
        not_checked=(NotChecked(word, 1, word),),
        problems=(Problem(Location(word), word),),
        suppressed=(Suppressed(finding, word, word),),
        unused=(word,),
    )


words = st.one_of(
    st.sampled_from(HOSTILE), st.text(max_size=12), st.lists(st.sampled_from(HOSTILE), max_size=2).map("".join)
)


def hostile(test: Any) -> Any:
    for word in HOSTILE:
        test = example(word=word)(test)
    return settings(max_examples=25)(given(word=words)(test))


@hostile
def test_json_and_yaml_say_the_same(word: str) -> None:
    document = json.loads(report(everywhere(word), "json"))
    assert yaml.safe_load(report(everywhere(word), "yaml")) == document
    assert len(document["findings"]) == 2


@hostile
def test_sarif_is_json_with_both_results(word: str) -> None:
    (run,) = json.loads(report(everywhere(word), "sarif"))["runs"]
    assert len(run["results"]) == 3


@hostile
def test_a_table_has_a_row_a_finding_and_no_formula(word: str) -> None:
    head, *rows = csv.reader(io.StringIO(report(everywhere(word), "csv")))
    assert head[: len(COLUMNS)] == list(COLUMNS)
    assert [len(row) for row in rows] == [len(head)] * 2
    assert not [cell for row in rows for cell in row if cell[:1] in tuple("=+-@\t\r") and cell]


@hostile
def test_junit_is_xml(word: str) -> None:
    root = ET.fromstring(report(everywhere(word), "junit"))
    assert len(list(root.iter("failure"))) == 2
    assert len(list(root.iter("skipped"))) == 1


@hostile
def test_github_sees_only_our_commands(word: str) -> None:
    lines = io.StringIO(report(everywhere(word), "github"), newline=None).read().splitlines()
    assert len([line for line in lines if line.lstrip().startswith("::")]) == 3
    assert not [line for line in lines if "##[" in line]
    assert all(line.startswith("::error ") for line in lines[:3])


class _Page(HTMLParser):
    """Which elements there are, and what they are told to do."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: dict[str, int] = {}
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags[tag] = self.tags.get(tag, 0) + 1
        self.attributes += attrs


@hostile
def test_a_page_has_the_same_elements_whatever_the_texts_are(word: str) -> None:
    page = _Page(report(everywhere(word), "html"))
    assert page.tags["script"] == page.tags["style"] == 1
    assert page.tags.keys() <= _Page(report(everywhere("x `y`"), "html")).tags.keys() | {"a"}
    assert not [name for name, _ in page.attributes if name.startswith("on")]
    addresses = [value or "" for name, value in page.attributes if name in {"href", "src"}]
    assert all(value.startswith(("#", "http://", "https://")) for value in addresses)


def test_nothing_is_loaded_from_elsewhere() -> None:
    page = _Page(report(everywhere("https://e.com/x.png"), "html"))
    assert not page.tags.keys() & {"img", "link", "iframe", "object", "embed", "video", "audio"}
    assert not [name for name, _ in page.attributes if name in {"src", "srcset", "action", "background"}]


@hostile
def test_markdown_has_the_same_shape_whatever_the_texts_are(word: str) -> None:
    parser = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    shape = [token.type for token in parser.parse(report(everywhere(word), "markdown"))]
    plain = [token.type for token in parser.parse(report(everywhere("x"), "markdown"))]
    if word.strip() and word.isprintable():  # a part without a text is left out
        for kind in ("heading_open", "table_open", "tr_open", "td_open", "list_item_open", "html_block"):
            assert shape.count(kind) == plain.count(kind)
    assert not {"hr", "fence", "blockquote_open", "ordered_list_open", "code_block"} & set(shape)


@hostile
def test_a_text_in_markdown_is_text(word: str) -> None:
    """Code between backticks is the one thing that a message may mark."""
    (inline,) = MarkdownIt("commonmark").enable(["table", "strikethrough"]).parseInline(f"x {text(word)}")
    kinds = {token.type for token in inline.children or []}
    assert kinds <= {"text", "code_inline", "text_special"}


@pytest.mark.parametrize("name", ["a", "a`b", "``", "a|b", "`", " a ", "a\\|b"])
def test_a_name_in_a_table_is_one_cell_of_code(name: str) -> None:
    table = f"| a | b |\n|---|---|\n| {code(name)} | x |\n"
    tokens = MarkdownIt("commonmark").enable("table").parse(table)
    cells = [token for token in tokens if token.type == "inline"][2:]
    assert len(cells) == 2
    assert [token.content for token in cells[0].children or []] == [name.strip()]


@hostile
def test_a_terminal_obeys_nobody_else(word: str) -> None:
    for form in ("text", "wide", "github", "markdown"):
        shown = report(everywhere(word), form)
        assert not [char for char in shown if not char.isprintable() and char not in "\n\t\u2060"]
