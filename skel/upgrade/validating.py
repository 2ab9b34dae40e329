"""Whether a trace is complete enough to be replayed: the packs for validation on one trace, and its structure."""

from __future__ import annotations

from collections.abc import Sequence

from skel.engine.events import Progress
from skel.engine.survey import survey
from skel.findings.model import Findings, Scanned
from skel.packs.manifest import Kind, Pack
from skel.packs.registry import available
from skel.trace.codec import without_gc
from skel.trace.model import Trace
from skel.trace.structure import structural_findings
from skel.trace.structure_codes import TITLES
from skel.upgrade.checking import matched
from skel.upgrade.places import failed, in_events
from skel.upgrade.selection import choose, compile_rules


def validate(trace: Trace, *, packs: Sequence[Pack] | None = None, progress: Progress | None = None) -> Findings:
    """What contradicts itself in a trace, and what the packs for validation have to say.

    Raises SkelError if a pack does not compile.
    """
    chosen = choose(packs if packs is not None else validation_packs(), {})
    rules = compile_rules(chosen, {})
    with without_gc():
        seen = survey(rules.program.compiled, trace, progress=progress)
        found = matched(rules, seen, trace, in_events(trace), every=False)
        structural = structural_findings(trace)
    return Findings(
        findings=(*structural, *found),
        tool="trace validate",
        scanned=Scanned((trace.name,), 1, sum(seen.found.values()), len(trace.events), len(chosen) + len(TITLES)),
        problems=tuple(failed(failure, in_events(trace)) for failure in seen.failures),
    )


def validation_packs() -> tuple[Pack, ...]:
    return tuple(pack for pack in available() if pack.kind is Kind.VALIDATE)
