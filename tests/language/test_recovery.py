"""Nothing raises, whatever the text; one mistake hides nothing behind it and brings no others with it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from skel.language.analyse import analyse_all
from skel.language.parser import parse
from skel.language.render import render
from skel.language.text import Source
from tests.strategies_programs import programs

SOUND = 'modify(kind == "A", b = 1);'
BROKEN = [
    ("remove(status)", "SK011"),
    ("remove(status;", "SK012"),
    ("remove(spec[0;", "SK012"),
    ("remove(status));", "SK013"),
    ("remove(kind == );", "SK010"),
    ("remove(a b);", "SK010"),
    ("remove(a &  b == 1, c);", "SK006"),
    ("remove(kind == 1 and a == 2, b);", "SK017"),
    ('remove(kind == "Deployment, status);', "SK002"),
    ("remove(kind == 'Deployment, status);", "SK002"),
    ("remove($x: = a | exists($x), $x);", "SK016"),
    ("remove($x = a | exists($x), $x);", "SK016"),
    ("remove(spec..a);", "SK008"),
    ("remove(späc);", "SK003"),
    ("remove(.spec);", "SK036"),
    ("remove(a\x00);", "SK001"),
    ("when kind == { remove(a); remove(b); }", "SK010"),
    ("when { remove(a); }", "SK010"),
    ("rule { remove(a); when exists(b) { remove(c); } }", "SK010"),
    ("define f($a, { remove($a); }", "SK010"),
    ("modify(a = {1: 2});", "SK032"),
    ("}", "SK013"),
    (";", "SK018"),
    ("status;", "SK010"),
]


@pytest.mark.parametrize(("broken", "code"), BROKEN)
def test_one_mistake_is_one_message(broken: str, code: str) -> None:
    text = f"{SOUND}\n{broken}\n{SOUND}\n"
    parsed = parse(Source("p.skel", text))
    assert [diagnostic.code for diagnostic in parsed.diagnostics] == [code]
    assert parsed.module.statements[0] == parsed.module.statements[-1]
    assert len(parsed.module.statements) >= 2


@pytest.mark.parametrize(("broken", "code"), BROKEN)
def test_several_mistakes_are_all_told(broken: str, code: str) -> None:
    text = f"{broken}\ndelete(kind = 1);\n{broken}\n{SOUND}"
    found = [diagnostic.code for diagnostic in parse(Source("p.skel", text)).diagnostics]
    assert found == [code, "SK014", code]


@pytest.mark.parametrize(("broken", "code"), [entry for entry in BROKEN if entry[0] not in ("}", ";")])
def test_inside_a_block(broken: str, code: str) -> None:
    text = f"when * {{\n{broken}\n{SOUND}\n}}\nremove(x y);"
    found = [diagnostic.code for diagnostic in parse(Source("p.skel", text)).diagnostics]
    if broken.startswith(("rule", "define")):
        assert found[-1] == "SK010"
    else:
        assert found == [code, "SK010"]


def everything(text: str) -> None:
    analysis = analyse_all(Source("p.skel", text))
    assert render(analysis.diagnostics, color=True).count("\n") >= len(analysis.diagnostics)


PIECES = st.sampled_from(
    ["remove", "modify", "when", "rule", "define", "f", "(", ")", "{", "}", "[", "]", "[*]", "[?(", ")]", ";", ",", "=",
     "==", ":=", "|", "||", "&&", "!", "$x", "$", "@", "@t", "10m", "1", "-1", "1.5", '"a"', "'b'", '"', "'", "\\",
     ".a", ".", "..", "**", "*", ".*", ":", "?", "#", "\n", " ", "in", "import", "param", "exists", "target", "title",
     "é", "\x00", "\ud800", "“", "\ufeff", "spec", "kind", "99999999999999999999", "1e999"]
)  # fmt: skip


@settings(max_examples=300)
@given(st.lists(PIECES, max_size=40).map("".join))
def test_pieces_never_raise(text: str) -> None:
    everything(text)


@settings(max_examples=150)
@given(st.text(max_size=80))
def test_any_text_never_raises(text: str) -> None:
    everything(text)


@settings(max_examples=100)
@given(programs(), st.data())
def test_damaged_programs_never_raise(text: str, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(text)))
        end = data.draw(st.integers(start, min(len(text), start + 4)))
        text = text[:start] + data.draw(st.sampled_from(["", '"', ";", "}", "{", ")", "(", "$", "é"])) + text[end:]
    everything(text)


@pytest.mark.parametrize(
    "text",
    [
        "(" * 5000,
        "remove(" + "(" * 3000 + "a" + ")" * 3000 + ");",
        "delete(" + "!" * 3000 + "exists(a));",
        "when * {" * 2000,
        "when * {" * 60 + "}" * 60,
        "modify(a = " + "[" * 2000 + ");",
        "modify(a = " + "lower(" * 500 + "b" + ")" * 500 + ");",
        "remove(a" + "[?(@.b" * 500,
        "remove(a" + ".b" * 20000 + ");",
        "delete(" + " && ".join(["a == 1"] * 5000) + ");",
        "modify(a = [" + "1," * 20000 + "]);",
        '"' * 3001,
        "remove($x := " * 400,
        "remove(a " * 3000,
    ],
    ids=range(14),
)  # fmt: skip
def test_extreme_texts(text: str) -> None:
    everything(text)
