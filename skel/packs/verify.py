"""`skel pack verify`: everything that a pack must be before others use it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from skel.language import ast
from skel.language.diagnostic import Diagnostic, Severity, SkelError
from skel.language.formatter import format_source
from skel.language.parser import parse
from skel.language.text import Source, Span
from skel.packs.codes import NOT_PROVEN, NOT_TIDY, RULE_FILE
from skel.packs.docs import pages
from skel.packs.loading import load_strictly
from skel.packs.manifest import PackRule
from skel.packs.rule_header import parsed_header, quick_header
from skel.packs.suites import pack_suite, rule_files
from skel.packs.testing import RuleResult, SuiteResult, run_suite

PAGES = "docs"


def verify(folder: Path) -> tuple[SuiteResult, tuple[Diagnostic, ...]]:
    """The results of the cases, and every other complaint about the pack in a folder."""
    result = run_suite(pack_suite(folder))
    found = list(result.problems)
    for rule in result.rules:
        if rule.entry.rule is not None:
            found += form_problems(rule.entry.rule)
            found += _proof_problems(rule)
    found += _page_problems(folder)
    return result, tuple(dict.fromkeys(found))


def exit_code(result: SuiteResult, problems: tuple[Diagnostic, ...]) -> int:
    """2 if the pack is broken, 1 if there is anything to complain about, even a warning."""
    if any(problem.severity is Severity.ERROR for problem in problems):
        return 2
    return int(bool(problems) or not result.is_clean)


def tidy(folder: Path) -> tuple[Path, ...]:
    """Format the rules and write the pages of a pack that has a folder for them; the files that changed."""
    changed = [file for file in rule_files(folder) if _rewrite(file, format_source(Source(str(file), _read(file))))]
    if (folder / PAGES).is_dir():
        for name, text in pages(load_strictly(folder)).items():
            changed += [folder / PAGES / name] if _rewrite(folder / PAGES / name, text) else []
    return tuple(changed)


def _read(file: Path) -> str:
    return file.read_text("utf-8") if file.is_file() else ""


def _rewrite(file: Path, text: str) -> bool:
    if _read(file) == text:
        return False
    file.write_text(text, "utf-8")
    return True


def form_problems(rule: PackRule) -> Iterator[Diagnostic]:
    """The file holds one rule and nothing else that runs, is formatted, and its quick reading is right."""
    source = rule.source
    try:
        if format_source(source) != source.text:
            yield NOT_TIDY.at(Span(source, 0, 0), "this is not formatted", "`skel fmt` or `skel pack verify --fix`")
    except SkelError:
        return  # its errors of syntax are told already
    for statement in parse(source).module.statements:
        if not isinstance(statement, ast.Rule | ast.Define | ast.Import | ast.Param):
            yield RULE_FILE.at(statement.span, "a command stands outside of the rule")
    whole, _ = parsed_header(source)
    if whole is None:
        yield RULE_FILE.at(Span(source, 0, 0), "a rule file holds exactly one rule")
        return
    quick = quick_header(source)
    for key in whole.entries:
        if quick is not None and quick.text(key) != whole.text(key):
            yield RULE_FILE.at(whole.place(key), f"`{key}` stands behind the commands", "put it before them")


def _proof_problems(rule: RuleResult) -> Iterator[Diagnostic]:
    """What the cases leave unproven is a complaint here."""
    assert rule.entry.rule is not None
    for gap in rule.gaps:
        yield NOT_PROVEN.at(gap.span, gap.message)


def _page_problems(folder: Path) -> Iterator[Diagnostic]:
    """Pages are up to date, if the pack has a folder for them."""
    home = folder / PAGES
    if not home.is_dir():
        return
    try:
        wanted = pages(load_strictly(folder))
    except SkelError:
        return
    for name, text in wanted.items():
        file = home / name
        if _read(file) != text:
            span = Span(Source(str(file), _read(file)), 0, 0)
            yield NOT_TIDY.at(span, "this page is out of date", "`skel pack verify --fix` writes it")
