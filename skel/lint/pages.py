"""The pages of lints, for `skel explain` and the documentation."""

from __future__ import annotations

from skel.language.codes import Page
from skel.language.formatter import format_source
from skel.language.text import Source
from skel.lint.rule import Described
from skel.lint.rules import ALL


def lint_page(code: str) -> Page | None:
    """The page of a lint by its code or its name, in any case of letters; None if there is none."""
    wanted = code.lower()
    return next((page_of(lint) for lint in ALL if wanted in {lint.CODE.code.lower(), lint.NAME}), None)


def lint_titles() -> dict[str, str]:
    """What each lint is about, by code."""
    return {lint.CODE.code: page_of(lint).title for lint in ALL}


def page_of(lint: Described) -> Page:
    """The docstring, the first bad example and its repair, or the first good one."""
    head, _, why = (lint.__doc__ or "").partition("\n")
    bad = lint.BAD[0]
    title = head.partition(": ")[2].rstrip(".")
    return Page(lint.CODE.code, title, why.strip(), _formatted(bad.program), _formatted(bad.fixed or lint.OK[0]))


def _formatted(program: str) -> str:
    return format_source(Source("example.skel", program))
