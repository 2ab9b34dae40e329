"""The page of the lints, made from their own words and examples; see make_pages.py."""

from __future__ import annotations

from pathlib import Path

from skel.language.render import render
from skel.lint.examples import example
from skel.lint.pages import page_of
from skel.lint.rule import Bad, Described
from skel.lint.rules import ALL
from skel.lint.runner import lint

FILE = Path(__file__).resolve().parent / "lint-rules.md"

HEAD = """\
# Lint rules

What [`skel lint`](lint.md) looks for. Codes are stable and never used for anything else. `skel explain SK113` prints
the section of that code. This page is made from the lints themselves by `make update`.

| code | name | severity | fix | finds |
|---|---|---|---|---|
"""


def lint_pages() -> dict[Path, str]:
    """The page with its text."""
    return {FILE: HEAD + "".join(map(row, ALL)) + "\n" + "\n".join(map(section, ALL))}


def row(found: Described) -> str:
    code = found.CODE.code
    anchor = f"{code}-{found.NAME}".lower()
    cells = (f"[{code}](#{anchor})", found.NAME, found.CODE.severity, safety_of(found), page_of(found).title)
    return f"| {' | '.join(cells)} |\n"


def safety_of(found: Described) -> str:
    """How far its fix can be trusted, empty if it has none."""
    safeties = {fix for bad in found.BAD if (fix := _safety(found, bad))}
    return " or ".join(sorted(safeties))


def _safety(found: Described, bad: Bad) -> str:
    fixes = (said.fix for said in lint(example(bad.program, bad)).diagnostics if said.code == found.CODE.code)
    return next((fix.safety.value for fix in fixes if fix is not None), "")


def section(found: Described) -> str:
    """A heading, the reason, a program with what is said of it, and one that is right."""
    bad, page = found.BAD[0], page_of(found)
    said = [item for item in lint(example(page.failing, bad)).diagnostics if item.code == page.code]
    message = render(said).strip()
    return (
        f"## {page.code} {found.NAME}\n\n{page.title[0].upper()}{page.title[1:]}.\n\n{page.why}\n\n{_with(bad)}"
        f"```skel\n{page.failing}```\n\n```text\n{message}\n```\n\n"
        f"{'Mended' if bad.fixed else 'Right'}:\n\n```skel\n{page.corrected}```\n"
    )


def _with(bad: Bad) -> str:
    """In what setting the example stands, if in another than the usual one."""
    settings = (
        ("in a pack", bad.in_pack),
        ("with `--strict-reference`", bad.strict_reference),
        (f"with `--from {bad.source}`", bad.source),
        (f"with `--to {bad.target}`", bad.target),
        ("with the `--trace` of a cluster that has no such object", bad.objects),
    )
    words = " and ".join(text for text, holds in settings if holds)
    return f"{words[0].upper()}{words[1:]}:\n\n" if words else ""
