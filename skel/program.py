"""The library's front door for programs: compile a text, apply it to a trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from skel.compiler.program import build
from skel.engine.run import apply
from skel.language.analyse import Analysis, analyse_all
from skel.language.ast import ResolvedModule, ResolvedRule
from skel.language.codes import UNKNOWN_PARAMETER
from skel.language.diagnostic import Diagnostic, Severity, SkelError
from skel.language.text import Source, Span

if TYPE_CHECKING:
    from skel.engine.change import Changes
    from skel.engine.events import Progress
    from skel.trace.model import Trace

Scalar = str | int | float | bool


class Program:
    """A checked and compiled program. It knows no trace yet and can be applied to many."""

    def __init__(
        self,
        module: ResolvedModule,
        warnings: tuple[Diagnostic, ...] = (),
        *,
        targets: Mapping[str, str] | None = None,
        secret: bytes = b"",
    ) -> None:
        self.module = module
        self.warnings = warnings
        self.compiled = build(module, targets=targets, secret=secret)

    @property
    def rules(self) -> tuple[ResolvedRule, ...]:
        return self.module.rules

    def apply(
        self, trace: Trace, *, workers: int | None = None, progress: Progress | None = None
    ) -> tuple[Trace, Changes]:
        """The new trace, and what was changed; the trace given stays as it is.

        `workers`: number of processes, by default one a processor if the trace is big; the result does not depend on
        it. Raises TraceError for an object that can't be read or for which a rule has no one answer.
        """
        return apply(self.compiled, trace, workers=workers, progress=progress)


def compile_sources(
    sources: Iterable[Source],
    *,
    parameters: Mapping[str, Scalar] | None = None,
    targets: Mapping[str, str] | None = None,
    secret: bytes = b"",
) -> Program:
    """One program of several texts, whose rules run in that order. Raises SkelError with everything found in any of
    them.
    """
    analyses = [analyse_all(source, parameters=parameters or {}) for source in sources]
    found = [diagnostic for analysis in analyses for diagnostic in analysis.diagnostics]
    found = [diagnostic for diagnostic in found if not _is_known_elsewhere(diagnostic, analyses)]
    if any(diagnostic.severity is Severity.ERROR for diagnostic in found):
        raise SkelError(found)
    modules = [analysis.module for analysis in analyses]
    rules = tuple(rule for module in modules for rule in module.rules)
    slots = max((module.slots for module in modules), default=0)
    span = modules[0].span if modules else Span(Source("<nothing>", ""), 0, 0)
    return Program(ResolvedModule(rules, slots, span), tuple(found), targets=targets, secret=secret)


def _is_known_elsewhere(diagnostic: Diagnostic, analyses: list[Analysis]) -> bool:
    """A parameter from outside need be declared in one of the programs only."""
    reports = (report for analysis in analyses for report in analysis.diagnostics)
    if diagnostic.code != UNKNOWN_PARAMETER.code:
        return False
    same = [report for report in reports if (report.code, report.message) == (diagnostic.code, diagnostic.message)]
    return len(same) < len(analyses)


def compile(  # noqa: A001  (the name that users expect, as in `re.compile`)
    text: str,
    *,
    name: str = "<program>",
    parameters: Mapping[str, Scalar] | None = None,
    targets: Mapping[str, str] | None = None,
    secret: bytes = b"",
) -> Program:
    """Compile a program text.

    `name` is how messages call it; `parameters` set its `param`s by name, without the dollar sign; `targets` gives the
    version of each component to migrate to (`{"kubernetes": "1.25"}`); `secret` is the key of `pseudonym`. Raises
    SkelError.
    """
    return compile_sources([Source(name, text)], parameters=parameters, targets=targets, secret=secret)
