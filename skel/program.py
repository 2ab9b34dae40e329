"""The library's front door for programs: compile a text, apply it to a trace."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from skel.compiler.program import build
from skel.engine.run import apply
from skel.language.analyse import analyse
from skel.language.ast import ResolvedModule, ResolvedRule
from skel.language.diagnostic import Diagnostic, SkelError
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
    rules: list[ResolvedRule] = []
    warnings: list[Diagnostic] = []
    errors: list[Diagnostic] = []
    slots, span = 0, Span(Source("<nothing>", ""), 0, 0)
    for source in sources:
        try:
            analysis = analyse(source, parameters=parameters or {})
        except SkelError as error:
            errors += error.diagnostics
            continue
        rules += analysis.module.rules
        warnings += analysis.warnings
        slots, span = max(slots, analysis.module.slots), analysis.module.span
    if errors:
        raise SkelError(errors)
    return Program(ResolvedModule(tuple(rules), slots, span), tuple(warnings), targets=targets, secret=secret)


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
