"""Lints programs: what the language says of them, what each lint says, and what their comments silence."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from skel.language.analyse import analyse_all
from skel.language.diagnostic import Diagnostic
from skel.language.imports import FileLoader, Loader
from skel.language.text import Source
from skel.lint.file import File, Setting
from skel.lint.imports import used_by_importers
from skel.lint.rules import RULES, unused_ignore
from skel.lint.suppress import Silenced, sift

SettingOf = Callable[[Source], Setting]


@dataclass(frozen=True, slots=True)
class Linted:
    """One program with everything that is left to say of it, in source order, and what its comments silence."""

    source: Source
    diagnostics: tuple[Diagnostic, ...]
    silenced: tuple[Silenced, ...]


def open_files(sources: Sequence[Source], setting_of: SettingOf, loader: Loader | None = None) -> tuple[File, ...]:
    """The programs of one run. What one defines and another of them imports and uses is used."""
    files = loader or FileLoader()
    analyses = [analyse_all(source, loader=files) for source in sources]
    used = used_by_importers([analysis.parsed.module for analysis in analyses], files)
    return tuple(
        File(source, analysis, _with_names(setting_of(source), source, used), files)
        for source, analysis in zip(sources, analyses, strict=True)
    )


def lint(file: File) -> Linted:
    """Everything that there is to say of a program."""
    # A program that can't be read as a whole would be complained of for what is missing from it.
    lints = () if file.is_broken else RULES
    found = [diagnostic for rule in lints for diagnostic in rule.check(file)]
    sifted = sift(file, _once(file.source, (*file.diagnostics, *found)))
    unused = () if file.is_broken else tuple(unused_ignore.judge(sifted))
    return Linted(file.source, _once(file.source, (*sifted.left, *unused)), sifted.silenced)


def again(file: File, source: Source) -> File:
    """The file with another text."""
    return replace(file, source=source, analysis=analyse_all(source, loader=file.loader))


def _with_names(setting: Setting, source: Source, used: dict[Path, frozenset[str]]) -> Setting:
    names = used.get(Path(source.name).resolve()) if used else None
    return replace(setting, used_elsewhere=setting.used_elsewhere | names) if names else setting


def _once(own: Source, found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Each complaint once, in source order; those about imported files behind."""
    every = {(diagnostic.code, diagnostic.span, diagnostic.message): diagnostic for diagnostic in found}
    return tuple(sorted(every.values(), key=lambda diagnostic: _order(diagnostic, own)))


def _order(found: Diagnostic, own: Source) -> tuple[bool, str, int, str]:
    return found.span.source != own, found.span.source.name, found.span.start, found.code
