"""What `skel test` was asked to test: packs, folders of rules, single rule files."""

from __future__ import annotations

import fnmatch
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from skel.language.diagnostic import Diagnostic
from skel.language.text import Source, Span
from skel.packs.cases import Case, read_cases
from skel.packs.codes import NOT_LISTED, RULE_FILE
from skel.packs.loading import home_of, load, load_rule
from skel.packs.manifest import FILE, Pack, PackRule, read_manifest, read_text
from skel.packs.rule_header import parsed_header, quick_header

ENDING = ".skel"
CASES = ".cases.yaml"


@dataclass(frozen=True, slots=True)
class Entry:
    """A rule with its cases, and what is wrong with either; `rule` is None if the file could not be read."""

    file: Path
    rule: PackRule | None
    cases: tuple[Case, ...]
    problems: tuple[Diagnostic, ...]


@dataclass(frozen=True, slots=True)
class Suite:
    """Rules of one pack, or of no pack. `problems` are those of the manifest."""

    pack: Pack | None
    entries: tuple[Entry, ...]
    problems: tuple[Diagnostic, ...]

    @property
    def name(self) -> str:
        return self.pack.name if self.pack is not None and self.pack.name else "(no pack)"


def suites(path: Path) -> Iterator[Suite]:
    """Everything that there is to test at or below a path: a folder of a pack, of packs or of rules, or a rule."""
    if path.is_file():
        file = _rule_of(path) if path.name.endswith(CASES) else path
        yield _loose([file], home_of(path.parent))
        return
    if (path / FILE).is_file():
        yield pack_suite(path)
        return
    inner = [file.parent for file in _files(path, FILE)]
    for folder in inner:
        yield pack_suite(folder)
    files = [file for file in rule_files(path) if not any(folder in file.parents for folder in inner)]
    if files:
        yield _loose(files, home_of(path))


def pack_suite(folder: Path) -> Suite:
    """All listed rules in their order, and behind them those that lie in the folder without being listed."""
    pack, problems = load(folder)
    if pack is None:
        return Suite(None, tuple(_entry(file, None) for file in rule_files(folder)), problems)
    files = [file for item in pack.listed if (file := folder / f"{item.text}{ENDING}").is_file()]
    known = set(files)
    stray = [file for file in rule_files(folder) if file not in known]
    entries = [_entry(file, pack) for file in (*files, *stray)]
    said = {problem for entry in entries for problem in entry.problems}
    rest = tuple(problem for problem in problems if problem not in said)
    lonely = [file for file in _files(folder, f"*{CASES}") if not _rule_of(file).is_file()]
    return Suite(pack, tuple(entries), (*rest, *map(_not_listed, stray), *map(_without_rule, lonely)))


def rule_files(folder: Path) -> list[Path]:
    """The files below a folder that hold a rule, or can't be read."""
    return [file for file in _files(folder, f"*{ENDING}") if _holds_rule(file)]


def _files(folder: Path, pattern: str) -> list[Path]:
    """The files below a folder whose names are like the pattern, without hidden folders."""
    found = []
    for home, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(home, name) for name in fnmatch.filter(names, pattern)]
    return sorted(found)


def _holds_rule(file: Path) -> bool:
    source, _ = read_text(file)
    if source is None or quick_header(source) is not None:
        return True
    header, errors = parsed_header(source)
    return header is not None or bool(errors)


def _loose(files: Iterable[Path], home: Path | None) -> Suite:
    """Rules that were named themselves: the manifest counts only for what it says of all rules."""
    pack, problems = read_manifest(home) if home is not None else (None, ())
    return Suite(pack, tuple(_entry(file, pack) for file in files), problems)


def _entry(file: Path, pack: Pack | None) -> Entry:
    path = file.relative_to(pack.folder) if pack is not None and file.is_relative_to(pack.folder) else Path(file.name)
    rule, problems = load_rule(file, path.with_suffix("").as_posix(), pack)
    if rule is None:
        return Entry(file, None, (), problems)
    cases, wrong = read_cases(rule.cases_file)
    return Entry(file, rule, cases, (*problems, *wrong, *_target_problems(cases, pack)))


def _target_problems(cases: tuple[Case, ...], pack: Pack | None) -> Iterator[Diagnostic]:
    if pack is None or pack.component:
        return
    for case in cases:
        if case.target:
            yield RULE_FILE.at(case.span, "a case of a pack without `component` can't have a `target`")


def _rule_of(cases: Path) -> Path:
    """The rule file beside a file of cases."""
    return cases.with_name(f"{cases.name.removesuffix(CASES)}{ENDING}")


def _without_rule(file: Path) -> Diagnostic:
    source, _ = read_text(file)
    return NOT_LISTED.at(Span(source or Source(str(file), ""), 0, 0), "there is no rule beside these cases")


def _not_listed(file: Path) -> Diagnostic:
    source, _ = read_text(file)
    span = Span(source or Source(str(file), ""), 0, 0)
    return NOT_LISTED.at(span, f"the rule is not listed in {FILE}, so nobody runs it")
