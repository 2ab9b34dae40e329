"""Findings that somebody decided to live with: by rule, object, label or file, with a reason and an end."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from fnmatch import fnmatchcase
from os.path import normpath, relpath
from pathlib import Path

from skel.findings.errors import BadSettingError
from skel.findings.labels import Requirement, parse_selector
from skel.findings.model import Finding, Findings, Location, Problem, Suppressed
from skel.findings.order import in_order

KEYS = ("rule", "code", "kind", "namespace", "name", "labels", "file", "reason", "expires")
"""What an ignore may say, in the order in which messages and the documentation name it."""
CRITERIA = KEYS[:7]

_EXAMPLE = 'for example code = "KU112", namespace = "legacy-*", reason = "moves in May", expires = 2027-05-31'


@dataclass(frozen=True, slots=True)
class Ignore:
    """Covers each finding that fits all of its criteria; an empty one fits everything. Globs, except the labels.

    `origin` is the file that says so (or `--ignore`), `number` its place there from 1; `folder` is what `file` is
    relative to. It holds up to and including the day `expires`.
    """

    reason: str
    origin: str
    number: int = 1
    rule: str = ""
    code: str = ""
    kind: str = ""
    namespace: str = ""
    name: str = ""
    file: str = ""
    labels: str = ""
    selector: tuple[Requirement, ...] = ()
    folder: Path = Path()
    expires: date | None = None

    def __str__(self) -> str:
        said = " ".join(f"{key}={getattr(self, key)}" for key in CRITERIA if getattr(self, key))
        return f"ignore {self.number} of {self.origin} ({said})"

    def is_over(self, today: date) -> bool:
        return self.expires is not None and today > self.expires

    def covers(self, finding: Finding) -> bool:
        return self._covers_rule(finding) and self._covers_object(finding) and self._covers_file(finding)

    def _covers_rule(self, finding: Finding) -> bool:
        """A rule goes by its name, with or without the pack in front, and by its code."""
        rules = (finding.code, finding.rule, finding.rule.rpartition("/")[2])
        return _fits(self.code, finding.code) and any(_fits(self.rule, rule) for rule in rules)

    def _covers_object(self, finding: Finding) -> bool:
        if not (self.kind or self.namespace or self.name or self.selector):
            return True
        thing = finding.object
        if thing is None:
            return False
        named = (self.kind, thing.kind), (self.namespace, thing.namespace), (self.name, thing.name)
        if not all(_fits(glob, text) for glob, text in named):
            return False
        labels = dict(finding.labels)
        return all(requirement.holds(labels) for requirement in self.selector)

    def _covers_file(self, finding: Finding) -> bool:
        if not self.file:
            return True
        file = finding.location.file
        paths = {normpath(file), relpath(file, self.folder)} if file else set()
        return any(_fits(self.file, path) for path in paths)


def _fits(glob: str, text: str) -> bool:
    return not glob or fnmatchcase(text, glob)


def read_ignore(entry: object, *, origin: str, number: int, folder: Path) -> Ignore:
    """One `[[ignore]]` of a configuration file. Raises BadSettingError."""
    here = f"{origin}: ignore {number}"
    if not isinstance(entry, Mapping):
        raise BadSettingError(f"{here} is no table", f"write [[ignore]] above it, {_EXAMPLE}")
    for key in entry:
        if key not in KEYS:
            raise BadSettingError(f"{here}: there is no `{key}`", f"known: {', '.join(KEYS)}")
    texts = {key: _text(entry, key, here) for key in KEYS if key != "expires"}
    if not any(texts[key] for key in CRITERIA):
        raise BadSettingError(f"{here} says nothing of what it ignores", _EXAMPLE)
    if not texts["reason"]:
        raise BadSettingError(f"{here} has no reason", 'add reason = "why this can stay"')
    try:
        selector = parse_selector(texts["labels"]) if texts["labels"] else ()
    except ValueError as error:
        raise BadSettingError(f"{here}: labels: {error}") from None
    expires = read_date(entry.get("expires"), here)
    return Ignore(origin=origin, number=number, folder=folder, selector=selector, expires=expires, **texts)


def _text(entry: Mapping[str, object], key: str, here: str) -> str:
    value = entry.get(key, "")
    if not isinstance(value, str):
        raise BadSettingError(f"{here}: `{key}` must be a text, not {value!r}", f'write {key} = "..."')
    return value.strip()


def read_date(value: object, here: str) -> date | None:
    """A date of TOML, or the text of one. Raises BadSettingError."""
    match value:
        case None | "":
            return None
        case datetime():
            return value.date()
        case date():
            return value
        case _:
            try:
                return date.fromisoformat(str(value))
            except ValueError:
                raise BadSettingError(f"{here}: expires = {value!r} is no date", "write expires = 2027-05-31") from None


def apply_ignores(findings: Findings, ignores: Iterable[Ignore], today: date) -> Findings:
    """The findings without those that an ignore covers; the first that covers one is used.

    An ignore whose day has passed covers nothing and is a problem, though no error. One that covers nothing is told as
    unused, unless input is missing: then nobody knows.
    """
    live: list[Ignore] = []
    over: list[Ignore] = []
    for ignore in ignores:
        (over if ignore.is_over(today) else live).append(ignore)
    kept: list[Finding] = []
    suppressed: list[Suppressed] = []
    used: set[int] = set()
    for finding in in_order(findings).findings:
        found = next((number for number, ignore in enumerate(live) if ignore.covers(finding)), None)
        if found is None:
            kept.append(finding)
        else:
            used.add(found)
            suppressed.append(Suppressed(finding, live[found].reason, live[found].origin))
    unused = [f"{ignore}: covers nothing" for number, ignore in enumerate(live) if number not in used]
    return replace(
        findings,
        findings=tuple(kept),
        suppressed=(*findings.suppressed, *suppressed),
        problems=(*findings.problems, *map(_over, over)),
        unused=findings.unused if findings.is_partial else (*findings.unused, *unused),
    )


def _over(ignore: Ignore) -> Problem:
    message = f"{ignore} ended on {ignore.expires} and covers nothing any more; repair the finding, or set a new date"
    return Problem(Location(file=ignore.origin), message, is_error=False)
