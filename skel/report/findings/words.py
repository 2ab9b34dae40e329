"""How findings are put into words, the same in every report for people."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable

from skel.findings.model import Evidence, Finding, Findings, Fix, Location
from skel.findings.severity import Safety, Severity
from skel.patch.operations import Add, Copy, Move, Operation, Remove, Replace, Test
from skel.patch.pointer import Pointer, format_pointer
from skel.patch.values import Json
from skel.report.moment import moment

LONGEST_VALUE = 60
CODE = re.compile(r"`([^`]+)`")
"""How messages mark what is a name or a value."""
_EVIDENCE = {
    "object": "the object",
    "managed-fields": "managed fields",
    "last-applied": "last-applied annotation",
    "helm": "Helm release",
}


def plural(count: int, word: str) -> str:
    """`1 object`, `2 objects`."""
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def tally(findings: Iterable[Finding]) -> str:
    """`2 errors, 1 warning, 3 remarks`; `no findings`."""
    counted = Counter(finding.severity for finding in findings)
    words = ((Severity.ERROR, "error"), (Severity.WARNING, "warning"), (Severity.INFO, "remark"))
    return ", ".join(plural(counted[severity], word) for severity, word in words if counted[severity]) or "no findings"


def fixable(findings: Iterable[Finding]) -> str:
    """`3 with a safe fix, 1 with an unsafe one`; empty if none has a fix."""
    counted = Counter(finding.fix.safety for finding in findings if finding.fix)
    safe, unsafe = counted[Safety.SAFE], counted[Safety.UNSAFE]
    parts = [f"{safe:,} with a safe fix"] if safe else []
    if unsafe:
        parts.append(f"{unsafe:,} with an unsafe one" if safe else f"{unsafe:,} with an unsafe fix")
    return ", ".join(parts)


def title(findings: Findings) -> str:
    """What the report is about: `Upgrade from 1.24 to 1.29`."""
    match findings.source, findings.target:
        case "", "":
            return {"lint": "Lint of rules", "trace validate": "Validation of a trace"}.get(
                findings.tool, f"skel {findings.tool}"
            )
        case "", target:
            return f"Upgrade to {target}"
        case source, "":
            return f"Upgrade from {source}"
        case source, target:
            return f"Upgrade from {source} to {target}"


def hop_title(hop: str) -> str:
    """`Release 1.25`, `cert-manager 1.6`."""
    if not hop:
        return "Whatever the release"
    return hop if " " in hop else f"Release {hop}"


def place(location: Location) -> str:
    """`deploy.yaml:3:5`, `prod.sktrace event 4`."""
    return str(location)


def times(finding: Finding) -> str:
    return f"{finding.times:,} times" if finding.times > 1 else ""


def evidence(entry: Evidence) -> str:
    """`managed fields: helm still writes v1beta1 (helm, 2025-01-01T10:00:00Z)`."""
    what = _EVIDENCE.get(entry.kind, entry.kind)
    about = ", ".join(word for word in (entry.manager, "" if entry.time is None else moment(int(entry.time))) if word)
    said = f"{what}: {entry.detail}" if entry.detail else what
    return f"{said} ({about})" if about else said


def fix(found: Fix) -> str:
    """`Move to batch/v1 (safe)`."""
    return f"{found.title} ({found.safety})"


def operations(found: Fix) -> list[str]:
    """A line an operation; none where the title says it already."""
    if len(found.operations) == 1 and _says(found.title, found.operations[0]):
        return []
    return [operation(entry) for entry in found.operations]


def _says(said: str, found: Operation) -> bool:
    path = format_pointer(found.path)
    match found:
        case Add(_, value) | Replace(_, value) | Test(_, value):
            return bool(path) and path in said and isinstance(value, str) and bool(value) and value in said
        case Move(source, _) | Copy(source, _):
            return bool(path) and path in said and format_pointer(source) in said
        case Remove():
            return bool(path) and path in said


def operation(found: Operation) -> str:
    """`replace /apiVersion with "batch/v1"`."""
    match found:
        case Add(path, value):
            return f"add {_shown(path)}: {value_text(value)}"
        case Replace(path, value):
            return f"replace {_shown(path)} with {value_text(value)}"
        case Remove(path):
            return f"remove {_shown(path)}"
        case Move(source, path):
            return f"move {_shown(source)} to {_shown(path)}"
        case Copy(source, path):
            return f"copy {_shown(source)} to {_shown(path)}"
        case Test(path, value):
            return f"if {_shown(path)} is {value_text(value)}"


def _shown(path: Pointer) -> str:
    return format_pointer(path) or "the object"


def value_text(value: Json) -> str:
    """A value as JSON on one line, cut where it gets long."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST_VALUE else f"{text[: LONGEST_VALUE - 1]}…"
