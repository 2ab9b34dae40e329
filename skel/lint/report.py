"""Diagnostics in the model that all reports show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from types import MappingProxyType

from skel.findings.model import Finding, Findings, Fix, Location, Scanned, Suppressed, TextEdit
from skel.findings.secret_text import redact_text
from skel.language.codes import page
from skel.language.diagnostic import Diagnostic
from skel.language.diagnostic import Fix as LanguageFix
from skel.language.render import block
from skel.language.text import Span
from skel.lint.rules import ALL
from skel.lint.runner import Linted

NAMES = MappingProxyType({described.CODE.code: described.NAME for described in ALL})


def findings_of(linted: Iterable[Linted], *, source: str = "", target: str = "", data: str = "") -> Findings:
    """Everything that a run has to say."""
    results = tuple(linted)
    return Findings(
        tuple(finding(found) for result in results for found in result.diagnostics),
        tool="lint",
        scanned=Scanned(tuple(result.source.name for result in results), files=len(results), rules=len(ALL)),
        source=source,
        target=target,
        data=data,
        suppressed=tuple(
            Suppressed(finding(silenced.diagnostic), silenced.reason, "comment")
            for result in results
            for silenced in result.silenced
        ),
    )


def finding(found: Diagnostic) -> Finding:
    """A diagnostic as a finding. What stands beside the caret and below it becomes the help."""
    return Finding(
        found.code,
        rule_name(found.code),
        found.severity,
        found.message,
        place(found.span),
        category="language" if found.code not in NAMES else "lint",
        help="; ".join(text for text in (found.hint, *found.notes) if text),
        fix=_fix(found.fix) if found.fix is not None else None,
    )


def frames(linted: Iterable[Linted]) -> Callable[[Finding, bool], str | None]:
    """Shows a finding of these programs as the compiler shows its own messages, with labels and hints."""
    known = {key(finding(found)): found for result in linted for found in result.diagnostics}

    def shown(found: Finding, color: bool) -> str | None:
        diagnostic = known.get(key(found))
        if diagnostic is None or redact_text(plain := block(_with_safety(diagnostic))) != plain:
            return None
        return block(_with_safety(diagnostic), color=color)

    return shown


def key(found: Finding) -> tuple[str, Location, str]:
    return found.code, found.location, found.message


def _with_safety(found: Diagnostic) -> Diagnostic:
    """The fix as a note that says how far it can be trusted."""
    if found.fix is None:
        return found
    fix = found.fix
    said = f"the fix is {fix.safety}" if fix.title in found.hint else f"{fix.title} ({fix.safety} fix)"
    return replace(found, notes=(*found.notes, said), fix=None)


def rule_name(code: str) -> str:
    """The name of a lint; for the language's own codes the title of their page."""
    if code in NAMES:
        return NAMES[code]
    found = page(code)
    return found.title.replace(" ", "-").lower() if found is not None else code


def place(span: Span) -> Location:
    line, column = span.source.position(span.start)
    end_line, end_column = span.source.position(span.end)
    return Location(span.source.name, line, column, end_line, end_column=end_column)


def _fix(fix: LanguageFix) -> Fix:
    edits = (TextEdit(edit.span.source.name, edit.span.start, edit.span.end, edit.replacement) for edit in fix.edits)
    return Fix(fix.title, fix.safety, edits=tuple(edits))
