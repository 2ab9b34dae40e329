"""Applying a fix, and linting a text by itself."""

from __future__ import annotations

from skel.language.diagnostic import Diagnostic
from skel.language.text import Source
from skel.lint.file import File, Setting
from skel.lint.runner import Linted, lint, open_files
from skel.lint.trial import execute


def opened(text: str, setting: Setting | None = None, name: str = "example.skel") -> File:
    usual = setting or Setting(execute=execute)
    return open_files((Source(name, text),), lambda _: usual)[0]


def linted(text: str, setting: Setting | None = None) -> Linted:
    return lint(opened(text, setting))


def codes(text: str, setting: Setting | None = None) -> list[str]:
    return [found.code for found in linted(text, setting).diagnostics]


def applied(text: str, diagnostic: Diagnostic) -> str:
    assert diagnostic.fix is not None
    for edit in sorted(diagnostic.fix.edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.replacement + text[edit.span.end :]
    return text
