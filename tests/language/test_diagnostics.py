"""Each diagnostic as a person sees it, each page's examples, and each code with a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from skel.language import codes
from skel.language.analyse import analyse_all
from skel.language.codes import Code, Page, known_codes, page
from skel.language.diagnostic import Diagnostic
from skel.language.parameters import Parameters
from skel.language.render import render
from skel.language.text import Source
from tests.language.golden import HERE, check_golden

FOLDER = HERE / "diagnostics"
OUTSIDE: dict[str, Parameters] = {"SK023": {"registy": "localhost"}}
PROGRAMS = sorted(FOLDER.glob("*.skel"))


def found_page(code: str) -> Page:
    found = page(code)
    assert found is not None
    return found


def rendered(program: str, name: str, parameters: Parameters) -> str:
    return render(analyse_all(Source(name, program), parameters=parameters).diagnostics)


def test_every_code_has_a_page() -> None:
    emitted = {value.code for value in vars(codes).values() if isinstance(value, Code)}
    assert emitted == set(known_codes())


@pytest.mark.parametrize("code", known_codes())
def test_failing_example_gives_exactly_its_code(code: str) -> None:
    program = found_page(code).failing
    found = analyse_all(Source("example.skel", program), parameters=OUTSIDE.get(code, {})).diagnostics
    assert [diagnostic.code for diagnostic in found] == [code]


@pytest.mark.parametrize("code", known_codes())
def test_corrected_example_is_clean(code: str) -> None:
    program = found_page(code).corrected
    assert rendered(program, "example.skel", OUTSIDE.get(code, {})) == ""


@pytest.mark.parametrize("code", known_codes())
def test_page_in_words(code: str) -> None:
    found = found_page(code)
    check_golden(FOLDER / f"{code}.txt", rendered(found.failing, "example.skel", OUTSIDE.get(code, {})))


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda file: file.stem)
def test_variants_in_words(file: Path) -> None:
    program = file.read_bytes().decode()
    check_golden(file.with_suffix(".txt"), rendered(program, file.name, {}))


@pytest.mark.parametrize("file", PROGRAMS, ids=lambda file: file.stem)
def test_fixes_help(file: Path) -> None:
    """Applied one by one, each fix takes its own complaint away."""
    source = Source(file.name, file.read_bytes().decode())
    found = analyse_all(source).diagnostics
    for diagnostic in found:
        if diagnostic.fix is None:
            continue
        text = source.text
        for edit in sorted(diagnostic.fix.edits, key=lambda edit: -edit.span.start):
            text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
        after = analyse_all(Source(file.name, text)).diagnostics
        assert same(after, diagnostic) < same(found, diagnostic), (diagnostic, text)


def same(found: tuple[Diagnostic, ...], wanted: Diagnostic) -> int:
    return sum((diagnostic.code, diagnostic.message) == (wanted.code, wanted.message) for diagnostic in found)


def test_unknown_code_has_no_page() -> None:
    assert page("SK999") is None
    assert page("../SK001") is None
    assert page("sk001") == page("SK001")
