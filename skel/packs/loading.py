"""A pack with its rules: the manifest, and of each rule file what it says about itself. Nothing is compiled."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path, PurePosixPath

from skel.findings.severity import Safety, Severity
from skel.kube.version import version_key
from skel.language.diagnostic import Diagnostic, Label, SkelError
from skel.language.diagnostic import Severity as Level
from skel.language.text import Source, Span
from skel.packs.codes import RULE_FILE, RULE_LIST
from skel.packs.manifest import FILE, Kind, Pack, PackRule, read_manifest, read_text
from skel.packs.rule_header import Header, read_header
from skel.packs.yaml_nodes import Scalar

Found = list[Diagnostic]

_NEEDED = ("code", "title", "why", "category", "severity")
_NEEDED_FOR_UPGRADES = (*_NEEDED, "safety")


def load(folder: Path) -> tuple[Pack | None, tuple[Diagnostic, ...]]:
    """The pack of a folder with every rule that could be read, and everything that is wrong. Never raises."""
    pack, wrong = read_manifest(folder)
    if pack is None:
        return None, wrong
    found: Found = list(wrong)
    rules = [rule for item in pack.listed if (rule := _listed_rule(pack, item, found)) is not None]
    _check_unique(rules, found)
    if pack.kind is Kind.UPGRADE:
        _check_order(pack, rules, found)
    return replace(pack, rules=tuple(rules)), tuple(found)


def load_strictly(folder: Path) -> Pack:
    """The pack of a folder. Raises SkelError with everything that is wrong with it."""
    pack, found = load(folder)
    if pack is None or any(diagnostic.severity is Level.ERROR for diagnostic in found):
        raise SkelError(found)
    return pack


def load_rule(file: Path, path: str, pack: Pack | None) -> tuple[PackRule | None, tuple[Diagnostic, ...]]:
    """One rule file, listed as `path` or not at all. `pack` says what its rules must be like, None: anything."""
    source, wrong = read_text(file)
    if source is None:
        return None, wrong
    header, wrong = read_header(source)
    if header is None:
        message = "a rule file holds exactly one rule"
        hint = f'rule "{file.stem}" {{ ... }}'
        return None, wrong or (RULE_FILE.at(Span(source, 0, 0), message, hint),)
    found: Found = []
    rule = _rule(header, source, file, path)
    _check_rule(rule, header, file.stem, pack, found)
    return rule, tuple(found)


def home_of(path: Path) -> Path | None:
    """The folder of the nearest `pack.yaml` at or above a file or folder."""
    whole = path.absolute()
    for folder in (whole, *whole.parents):
        if (folder / FILE).is_file():
            return folder if path.is_absolute() else Path(os.path.relpath(folder))
    return None


def _listed_rule(pack: Pack, item: Scalar, found: Found) -> PackRule | None:
    file = pack.folder.joinpath(*PurePosixPath(f"{item.text}.skel").parts)
    if not file.is_file():
        found.append(RULE_LIST.at(item.span, f"there is no file `{item.text}.skel`"))
        return None
    rule, wrong = load_rule(file, item.text, pack)
    found.extend(wrong)
    return rule


def _rule(header: Header, source: Source, file: Path, path: str) -> PackRule:
    severity, safety = header.text("severity"), header.text("safety")
    return PackRule(
        id=header.id,
        path=path,
        code=header.text("code"),
        title=header.text("title"),
        why=header.text("why"),
        category=header.text("category"),
        deprecated=header.text("deprecated"),
        since=header.text("since"),
        severity=Severity(severity) if severity in tuple(Severity) else Severity.WARNING,
        safety=Safety(safety) if safety in tuple(Safety) else Safety.UNSAFE,
        url=header.text("url"),
        alias=header.text("alias"),
        source=source,
        cases_file=file.with_suffix(".cases.yaml"),
    )


def _check_rule(rule: PackRule, header: Header, stem: str, pack: Pack | None, found: Found) -> None:
    """What the pack asks of a rule; that each entry is well-formed is said by the compiler."""
    if pack is None:
        return
    if rule.id != stem:
        found.append(RULE_FILE.at(header.span, f"the rule `{rule.id}` stands in `{stem}.skel`", f'rule "{stem}"'))
    for key in _NEEDED_FOR_UPGRADES if pack.kind is Kind.UPGRADE else _NEEDED:
        if key not in header.entries:
            found.append(RULE_FILE.at(header.span, f"the rule needs `{key}`"))
    if pack.kind is Kind.UPGRADE and not (rule.since or rule.deprecated):
        message = "a rule of an upgrade needs `since`, or `deprecated` for what still works"
        found.append(RULE_FILE.at(header.span, message))
    if rule.id == "index":
        found.append(RULE_FILE.at(header.span, "`index` is the name of the page of the whole pack", "choose another"))
    _check_releases(rule, header, pack, found)
    if rule.code and not rule.code.startswith(pack.prefix):
        message = f"codes of the pack {pack.name} begin with {pack.prefix}"
        found.append(RULE_FILE.at(header.place("code"), message))


def _check_releases(rule: PackRule, header: Header, pack: Pack, found: Found) -> None:
    """A release warns before it breaks, and the pack knows the one in which it breaks."""
    since, deprecated, newest = map(version_key, (rule.since, rule.deprecated, pack.newest))
    if since is not None and deprecated is not None and since < deprecated:
        message = f"the rule is of {rule.since}, and deprecated only in {rule.deprecated}"
        found.append(RULE_FILE.at(header.place("deprecated"), message))
    if since is not None and newest is not None and newest < since:
        message = f"the rule is of {rule.since}, but the pack knows releases to {pack.newest}"
        found.append(RULE_FILE.at(header.place("since"), message))


def _check_unique(rules: list[PackRule], found: Found) -> None:
    """No id and no code twice."""
    for key, what in (("id", "rule"), ("code", "code")):
        first: dict[str, PackRule] = {}
        for rule in rules:
            name: str = getattr(rule, key)
            other = first.setdefault(name, rule)
            if name and other is not rule:
                label = Label(_place(other, key), "the first one")
                message = f"the {what} `{name}` is used twice"
                found.append(RULE_FILE.at(_place(rule, key), message, labels=(label,)))


def _place(rule: PackRule, key: str) -> Span:
    header, _ = read_header(rule.source)
    assert header is not None
    return header.place(key)


def _check_order(pack: Pack, rules: list[PackRule], found: Found) -> None:
    """Rules of an upgrade stand by `since`, so that a jump runs what the single hops would."""
    places = {item.text: item for item in pack.listed}
    last: PackRule | None = None
    for rule in rules:
        key = version_key(rule.since)
        if key is None:
            continue
        before = version_key(last.since) if last is not None else None
        if last is not None and before is not None and key < before:
            message = f"`{rule.path}` is of {rule.since} and stands behind `{last.path}` of {last.since}"
            found.append(RULE_LIST.at(places[rule.path].span, message, "rules stand by `since`, ascending"))
        else:
            last = rule
