"""The findings that are known: they stay out of the way until they are repaired, new ones do not."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from typing import Any

from skel.findings.errors import BadSettingError
from skel.findings.fingerprint import fingerprints
from skel.findings.ignore import read_date
from skel.findings.model import Finding, Findings, Location, Problem, Suppressed
from skel.findings.order import in_order
from skel.findings.secret_text import redact_text
from skel.kube.version import version_key

SCHEMA_VERSION = 1
KNOWN = "known when the baseline was written"


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """One known finding. The fingerprint finds it again; the rest is for the person who reads the file."""

    tool: str
    code: str
    object: str
    place: str
    fingerprint: str
    rule: str = ""
    hop: str = ""
    reason: str = KNOWN
    expires: str = ""

    def __str__(self) -> str:
        return " ".join(word for word in (self.code, self.object, self.place) if word)


@dataclass(frozen=True, slots=True)
class Baseline:
    """`name` is the file, as reports name it."""

    name: str
    entries: tuple[Entry, ...] = ()


def read_baseline(text: str, name: str) -> Baseline:
    """Raises BadSettingError if the text is no baseline."""
    way_out = f"`--write-baseline {name}` writes it anew"
    try:
        content = json.loads(text)
    except ValueError as error:
        raise BadSettingError(f"{name} is no JSON: {error}", way_out) from None
    if not isinstance(content, Mapping) or not isinstance(content.get("entries"), list):
        raise BadSettingError(f"{name} is no baseline: it has no list `entries`", way_out)
    if content.get("schemaVersion") != SCHEMA_VERSION:
        raise BadSettingError(f"{name} has schemaVersion {content.get('schemaVersion')!r}, known is 1", way_out)
    return Baseline(name, tuple(_entry(entry, f"{name}: entry {number}") for number, entry in _counted(content)))


def _counted(content: Mapping[str, Any]) -> Iterable[tuple[int, object]]:
    return enumerate(content["entries"], start=1)


def _entry(entry: object, here: str) -> Entry:
    known = Entry.__dataclass_fields__
    if not isinstance(entry, Mapping) or not all(isinstance(value, str) for value in entry.values()):
        raise BadSettingError(f"{here} is no map of texts")
    if missing := [key for key in ("tool", "code", "fingerprint") if not entry.get(key)]:
        raise BadSettingError(f"{here} has no `{missing[0]}`")
    if strange := [key for key in entry if key not in known]:
        raise BadSettingError(f"{here}: there is no `{strange[0]}`", f"known: {', '.join(known)}")
    read_date(entry.get("expires"), here)
    return Entry(**{"object": "", "place": "", **entry})


def new_baseline(findings: Findings, old: Baseline) -> Baseline:
    """What is found now, with the reasons and ends that the old one has; what another tool knows stays."""
    told = {(entry.tool, entry.fingerprint): entry for entry in old.entries}
    found = in_order(findings).findings
    entries = []
    for finding, mark in zip(found, fingerprints(found), strict=True):
        fresh = _entry_of(finding, mark, findings.tool)
        before = told.get((findings.tool, mark), fresh)
        entries.append(replace(fresh, reason=before.reason, expires=before.expires))
    others = [entry for entry in old.entries if entry.tool != findings.tool]
    return Baseline(old.name, tuple(sorted([*entries, *others])))


def _entry_of(finding: Finding, mark: str, tool: str) -> Entry:
    thing = finding.object
    named = f"{thing.api_version} {thing}" if thing else finding.location.file
    return Entry(tool, finding.code, redact_text(named), finding.location.pointer, mark, finding.rule, finding.hop)


def baseline_text(baseline: Baseline) -> str:
    """The file: sorted, an entry keeps its place as long as it is there."""
    entries = [{key: value for key, value in asdict(entry).items() if value} for entry in sorted(baseline.entries)]
    content = {"schemaVersion": SCHEMA_VERSION, "entries": entries}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def apply_baseline(findings: Findings, baseline: Baseline, today: date) -> Findings:
    """The findings without those that the baseline knows. What it knows and is not there any more is told as unused."""
    mine = {entry.fingerprint: entry for entry in baseline.entries if entry.tool == findings.tool}
    over = {mark for mark, entry in mine.items() if _is_over(entry, today)}
    found = in_order(findings).findings
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    seen = fingerprints(found)
    for finding, mark in zip(found, seen, strict=True):
        if mark in mine and mark not in over:
            suppressed.append(Suppressed(finding, mine[mark].reason, baseline.name))
        else:
            kept.append(finding)
    gone = [entry for mark, entry in mine.items() if mark not in seen and _is_asked(entry, findings.target)]
    unused = [f"{baseline.name}: {entry} is not found any more; write the baseline again" for entry in gone]
    return replace(
        findings,
        findings=tuple(kept),
        suppressed=(*findings.suppressed, *suppressed),
        problems=(*findings.problems, *(_over(mine[mark], baseline.name) for mark in seen if mark in over)),
        unused=findings.unused if findings.is_partial else (*findings.unused, *unused),
    )


def _is_over(entry: Entry, today: date) -> bool:
    expires = read_date(entry.expires, str(entry))
    return expires is not None and today > expires


def _is_asked(entry: Entry, target: str) -> bool:
    """Whether this run could have found it: it looks no further than its target release."""
    hop, last = version_key(entry.hop), version_key(target)
    return hop is None or last is None or hop <= last


def _over(entry: Entry, name: str) -> Problem:
    message = f"{entry} was to be repaired by {entry.expires}; repair it, or set a new date"
    return Problem(Location(file=name), message, is_error=False)
