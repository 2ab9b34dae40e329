"""Text to a checked program, in one step."""

from __future__ import annotations

from dataclasses import dataclass

from skel.language.ast import ResolvedModule, ResolvedRule
from skel.language.check import check
from skel.language.codes import IMPORT_CYCLE, IMPORT_FAILED, UNDEFINED_VARIABLE, UNKNOWN_COMMAND
from skel.language.diagnostic import Diagnostic, Severity, SkelError
from skel.language.imports import Loader
from skel.language.parameters import Parameters
from skel.language.parser import Parsed, parse
from skel.language.resolve import NO_PARAMETERS, resolve_fully
from skel.language.text import Source

# A statement that was lost may have defined what these miss.
_NAMES = (UNDEFINED_VARIABLE.code, UNKNOWN_COMMAND.code)
_IMPORTS = (IMPORT_FAILED.code, IMPORT_CYCLE.code)


@dataclass(frozen=True, slots=True)
class Analysis:
    """Everything that was found, in source order; the module can be run if there is no error in it.

    `parsed` is the file as written, `drafts` are its definitions with their parameters left open.
    """

    module: ResolvedModule
    diagnostics: tuple[Diagnostic, ...]
    parsed: Parsed
    drafts: tuple[ResolvedRule, ...]

    @property
    def errors(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.severity is Severity.ERROR)

    @property
    def warnings(self) -> tuple[Diagnostic, ...]:
        return tuple(found for found in self.diagnostics if found.severity is not Severity.ERROR)


def analyse_all(source: Source, *, parameters: Parameters = NO_PARAMETERS, loader: Loader | None = None) -> Analysis:
    """Parse, resolve and check, and collect what each stage finds. Never raises."""
    parsed = parse(source)
    resolution = resolve_fully(parsed.module, parameters=parameters, loader=loader)
    lost_names = parsed.lost_names or any(found.code in _IMPORTS for found in resolution.diagnostics)
    resolved = [found for found in resolution.diagnostics if not (lost_names and found.code in _NAMES)]
    checked = check(resolution.module, resolution.drafts)
    every = dict.fromkeys((*parsed.diagnostics, *resolved, *checked))
    found = tuple(sorted(every, key=lambda found: _order(found, source)))
    return Analysis(resolution.module, found, parsed, resolution.drafts)


def analyse(source: Source, *, parameters: Parameters = NO_PARAMETERS, loader: Loader | None = None) -> ResolvedModule:
    """The program, ready to be planned. Raises SkelError with every diagnostic, if there is an error among them."""
    analysis = analyse_all(source, parameters=parameters, loader=loader)
    if analysis.errors:
        raise SkelError(analysis.diagnostics)
    return analysis.module


def _order(diagnostic: Diagnostic, own: Source) -> tuple[bool, str, int]:
    source = diagnostic.span.source
    return source is not own, source.name, diagnostic.span.start
