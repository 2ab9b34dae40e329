"""Packs and rules as `skel pack` and `skel explain` show them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from textwrap import wrap

from skel.packs.cases import Case, Manifest, read_cases
from skel.packs.docs import facts
from skel.packs.manifest import Kind, Pack, PackRule
from skel.packs.registry import CatalogueEntry
from skel.packs.trial import diff
from skel.packs.yaml_text import yaml_text
from skel.patch.values import Json
from skel.report.terminal import Paint, printable

SCHEMA_VERSION = 1
WIDTH = 100


def catalogue_lines(entries: Sequence[CatalogueEntry], paint: Paint) -> Iterator[str]:
    """A line for each pack; below it why it can't be used, if so."""
    rows = [_row(entry) for entry in entries]
    head = ("NAME", "VERSION", "COMPONENT", "KIND", "RULES", "FROM")
    yield from _table([head, *rows], paint)
    for entry in entries:
        if entry.pack is None:
            yield f"{paint('error', 'red', 'bold')}: {printable(entry.place.name)}: {printable(entry.problem)}"
            if entry.hint:
                yield f"  {paint('help', 'cyan')}: {printable(entry.hint)}"


def _row(entry: CatalogueEntry) -> tuple[str, ...]:
    pack = entry.pack
    if pack is None:
        return (entry.place.name, "-", "-", "-", "-", entry.place.origin)
    return (pack.name, pack.version, pack.component or "-", pack.kind, str(len(pack.rules)), entry.place.origin)


def _table(rows: list[tuple[str, ...]], paint: Paint) -> Iterator[str]:
    """Columns side by side; the first row is the head."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]) - 1)]
    for number, row in enumerate(rows):
        cells = [f"{cell:<{width}}" for cell, width in zip(row, widths, strict=False)]
        line = printable("  ".join((*cells, row[-1])))
        yield paint(line, "bold") if number == 0 else line


def pack_lines(pack: Pack, paint: Paint) -> Iterator[str]:
    """What a pack is, and a line for each rule."""
    yield f"{paint(pack.name, 'bold')} {pack.version}  {printable(pack.title)}"
    yield from wrap(printable(pack.description), WIDTH)
    reach = f" {pack.oldest} to {pack.newest}" if pack.oldest and pack.newest else ""
    about = [f"{pack.component}{reach}"] if pack.component else []
    yield paint(", ".join([pack.kind, *about, f"{len(pack.rules)} rules", pack.origin]), "dim")
    yield ""
    since = ("SINCE",) if pack.kind is Kind.UPGRADE else ()
    rows = [("CODE", *since, "SEVERITY", "FIX", "RULE", "TITLE")]
    for rule in pack.rules:
        release = (rule.since,) if since else ()
        rows.append((rule.code, *release, rule.severity, rule.safety, rule.id, rule.title))
    yield from _table(rows, paint)


def rule_lines(pack: Pack, rule: PackRule, paint: Paint) -> Iterator[str]:
    """The page of a rule for a terminal: its facts, its reason, its text, and what it makes of its cases."""
    yield f"{paint(rule.code, 'bold')} {paint(printable(rule.title), 'bold')}"
    yield ""
    yield from wrap(printable(" ".join(rule.why.split())), WIDTH)
    yield ""
    rows = [*facts(pack, rule), *([("more", rule.url)] if rule.url else [])]
    width = max(len(key) for key, _ in rows)
    for key, value in rows:
        yield f"{paint(f'{key:<{width}}', 'dim')}  {printable(value.replace('`', ''))}"
    yield ""
    yield from (f"    {printable(line)}".rstrip() for line in rule.source.text.strip().splitlines())
    cases, _ = read_cases(rule.cases_file)
    for case in cases:
        yield ""
        yield from _case_lines(case, paint)


def _case_lines(case: Case, paint: Paint) -> Iterator[str]:
    """An object that stays as a whole, one that changes as the lines that differ."""
    expected = case.expected
    target = f" ({case.target})" if case.target else ""
    word = ": unchanged" if case.is_quiet else ""
    yield paint(printable(f"{case.name}{target}{word}"), "bold")
    if expected.finding or expected.error:
        yield f"    {paint('reported', 'yellow')}: {printable(expected.finding or expected.error)}"
    if expected.is_whole or expected.after is None:
        yield from _plain_lines([case.before])
    else:
        after: Manifest | None = expected.after[0] if expected.after else None
        for line in diff(case.before, after, context=1_000)[1:]:
            style = {"+": "green", "-": "red"}.get(line[:1])
            shown = f"    {printable(line)}"
            yield paint(shown, style) if style else shown
    if expected.is_whole:
        yield "    becomes"
        yield from _plain_lines(list(expected.after or ()))


def _plain_lines(objects: list[Manifest]) -> Iterator[str]:
    for item in objects:
        yield from (f"     {printable(line)}" for line in yaml_text(item).splitlines())


# ---- for machines ----------------------------------------------------------------------------------------------------


def catalogue_json(entries: Sequence[CatalogueEntry]) -> str:
    packs = [
        {"name": entry.place.name, "origin": entry.place.origin, "problem": entry.problem or None}
        | (_pack_facts(entry.pack) if entry.pack is not None else {})
        for entry in entries
    ]
    return _document({"packs": packs})


def pack_json(pack: Pack) -> str:
    return _document(_pack_facts(pack) | {"rules": [_rule_facts(rule) for rule in pack.rules]})


def rule_json(pack: Pack, rule: PackRule) -> str:
    return _document({"pack": pack.name, **_rule_facts(rule), "text": rule.source.text})


def _pack_facts(pack: Pack) -> dict[str, Json]:
    return {
        "name": pack.name,
        "version": pack.version,
        "title": pack.title,
        "component": pack.component or None,
        "kind": pack.kind,
        "prefix": pack.prefix,
        "from": pack.oldest or None,
        "to": pack.newest or None,
        "groups": list(pack.groups),
        "ruleCount": len(pack.rules),
    }


def _rule_facts(rule: PackRule) -> dict[str, Json]:
    return {
        "id": rule.id,
        "code": rule.code,
        "title": rule.title,
        "why": rule.why,
        "category": rule.category,
        "deprecated": rule.deprecated or None,
        "since": rule.since or None,
        "severity": rule.severity,
        "safety": rule.safety,
        "url": rule.url or None,
        "alias": rule.alias or None,
    }


def _document(content: dict[str, Json]) -> str:
    return f"{json.dumps({'schemaVersion': SCHEMA_VERSION, **content}, indent=2)}\n"
