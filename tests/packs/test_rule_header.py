"""The quick reading of what a rule says about itself sees what the parser sees, or leaves the file to it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skel.language.text import Source
from skel.packs.rule_header import Header, parsed_header, quick_header, read_header
from tests.packs.making import RULE

KEYS = st.sampled_from(["code", "title", "why", "since", "severity", "when", "remove"])
STRINGS = st.text("ab \\\"'\n#;{}", max_size=8)
SPACE = st.sampled_from(["", " ", "\n", "\n    ", ' # a; remark "x"\n', "\t"])
STATEMENTS = st.sampled_from(
    [
        'import "kubernetes/labels";',
        "param $a = 1;",
        "define f($x) { remove(status); }",
        '# rule "no" {\n',
        "remove(x);",
    ]
)
BODY = st.sampled_from(
    ["remove(status);", 'when kind == "Pod" { remove(status); }', 'deny(kind == "a", "title \\"b\\";");', ""]
)


@st.composite
def programs(draw: st.DrawFn) -> str:
    def entry() -> str:
        quote = draw(st.sampled_from("\"'"))
        return f"{draw(KEYS)}{draw(SPACE)} {quote}{draw(STRINGS)}{quote}{draw(SPACE)};{draw(SPACE)}"

    front = "".join(draw(SPACE) + draw(STATEMENTS) for _ in range(draw(st.integers(0, 2))))
    entries = "".join(entry() for _ in range(draw(st.integers(0, 3))))
    late = entry() if draw(st.booleans()) else ""
    head = f'{front}{draw(SPACE)}rule{draw(SPACE)}"{draw(st.text("ab -", max_size=4))}"'
    return f"{head}{{{draw(SPACE)}{entries}{draw(BODY)}{late}}}"


def values(header: Header) -> dict[str, str]:
    return {key: entry.value for key, entry in header.entries.items()}


@given(programs())
def test_quick_is_parsed(text: str) -> None:
    source = Source("x.skel", text)
    quick, (whole, errors) = quick_header(source), parsed_header(source)
    if quick is None or whole is None or errors:
        return  # what does not compile is told when it is compiled
    assert quick.id == whole.id
    known = values(quick)
    # What stands behind a command is seen by the parser alone; `skel pack verify` complains of it.
    assert known.items() <= values(whole).items()


def test_the_usual_file_is_read_quickly() -> None:
    header = quick_header(Source("x.skel", f'# Why.\n\nimport "kubernetes/labels";\n{RULE}'))
    assert header is not None
    assert header.id == "cronjob-batch-v1"
    assert header.text("since") == "1.25"
    assert str(header.place("code")) == "x.skel:5:10"
    assert header.place("code").text == '"SH101"'
    assert header.place("alias").text == 'rule "cronjob-batch-v1"'


def test_a_why_of_several_lines_is_read_quickly() -> None:
    header = quick_header(Source("x.skel", 'rule "a" {\n    why "one\n    two";\n}'))
    assert header is not None
    assert header.text("why") == "one\n    two"


@pytest.mark.parametrize(
    "text",
    [
        'rule "a" { title "say \\"x\\""; }',
        "rule 'a' { title \"b\"; }",
        'rule "a" { title "b"; title "c"; }',
        'param $x = "rule"; rule "a" { title "b"; }',
        'define f() { remove(status); } rule "a" { title "b"; }',
    ],
)
def test_the_rest_is_left_to_the_parser(text: str) -> None:
    source = Source("x.skel", text)
    quick = quick_header(source)
    header, errors = read_header(source)
    assert not errors
    assert header is not None
    assert header.id == "a"
    whole, _ = parsed_header(source)
    assert quick is None or whole is None or values(whole) == values(header)


@pytest.mark.parametrize("text", ["", "remove(status);", 'rule "a" {} rule "b" {}', "# nothing"])
def test_files_without_one_rule(text: str) -> None:
    if text.count("rule") < 2:
        assert read_header(Source("x.skel", text)) == (None, ())
    else:
        assert parsed_header(Source("x.skel", text)) == (None, ())
