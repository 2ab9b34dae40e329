"""Pages of rules in Markdown: what happens, since when, the rule, and its cases as examples."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from skel.findings.severity import Safety, Severity
from skel.packs.cases import Case, read_cases
from skel.packs.manifest import Kind, Pack, PackRule
from skel.packs.yaml_text import yaml_text

INDEX = "index.md"

SEVERITIES: Mapping[Severity, str] = MappingProxyType(
    {
        Severity.ERROR: "error: it breaks",
        Severity.WARNING: "warning: it behaves differently or needs a look",
        Severity.INFO: "info: good to know",
    }
)
SAFETIES: Mapping[Safety, str] = MappingProxyType(
    {
        Safety.SAFE: "safe: the meaning stays the same",
        Safety.UNSAFE: "unsafe: a person must look; only with `--unsafe`",
    }
)


def pages(pack: Pack) -> dict[str, str]:
    """The pages of a pack by file name: an index, and one for each rule."""
    return {INDEX: pack_page(pack), **{f"{rule.id}.md": rule_page(pack, rule) for rule in pack.rules}}


def library_page(packs: Iterable[Pack]) -> str:
    """The index over packs; the pages of each are in a folder of its name."""
    rows = [
        f"| [{pack.name}]({pack.name}/{INDEX}) | {_cell(pack.title)} | {pack.kind} | {len(pack.rules)} |"
        for pack in packs
    ]
    head = (
        "# Rules\n\nThe packs of the standard library. Each rule has a page with its reason, its text and its cases;"
        " `skel explain CODE` shows the\nsame in the terminal, and [Packs](../packs.md) tells how to write them.\n"
    )
    return "\n".join([head, "| pack | what it is about | kind | rules |", "|---|---|---|---|", *rows]) + "\n"


def pack_page(pack: Pack) -> str:
    """The index of a pack."""
    lines = [f"# {pack.name}: {_text(pack.title)}", ""]
    if pack.description:
        lines += [*_paragraphs(pack.description), ""]
    lines += [f"Version {pack.version}{_reach(pack)}. {_USES[pack.kind].format(pack=pack)}", ""]
    if pack.kind is Kind.UPGRADE:
        lines += ["| code | rule | since | severity | fix |", "|---|---|---|---|---|"]
    else:
        lines += ["| code | rule | severity |", "|---|---|---|"]
    lines += [_row(pack, rule) for rule in pack.rules]
    return "\n".join(lines) + "\n"


_USES = MappingProxyType(
    {
        Kind.UPGRADE: "`skel check` and `skel migrate` use it.",
        Kind.VALIDATE: "`skel trace validate` uses it.",
        Kind.TRANSFORM: "`skel transform --pack {pack.name}` uses it.",
    }
)


def _reach(pack: Pack) -> str:
    if pack.oldest and pack.newest:
        return f", for {pack.component} {pack.oldest} to {pack.newest}"
    return f", for {pack.component}" if pack.component else ""


def _row(pack: Pack, rule: PackRule) -> str:
    cells = [rule.code, f"[{_cell(rule.title)}]({rule.id}.md)"]
    cells += [rule.since, rule.severity, rule.safety] if pack.kind is Kind.UPGRADE else [rule.severity]
    return f"| {' | '.join(cells)} |"


def rule_page(pack: Pack, rule: PackRule) -> str:
    """The page of one rule. Cases that can't be read are left out."""
    cases, _ = read_cases(rule.cases_file)
    lines = [f"# {rule.code}: {_text(rule.title)}", "", *_paragraphs(rule.why), ""]
    lines += ["| | |", "|---|---|", *(f"| {key} | {value} |" for key, value in facts(pack, rule)), ""]
    if rule.url:
        lines += [f"More: <{rule.url}>", ""]
    lines += ["## The rule", "", f'```skel title="{rule.id}.skel"', rule.source.text.strip("\n"), "```", ""]
    if cases:
        lines += ["## Cases", ""]
    for case in cases:
        lines += _case_lines(case)
    return "\n".join(lines).rstrip("\n") + "\n"


def facts(pack: Pack, rule: PackRule) -> Iterator[tuple[str, str]]:
    """What is to be known about a rule, as pairs for a table."""
    component = f"{pack.component} " if pack.component else ""
    yield "rule", f"`{pack.name}/{rule.id}`"
    if rule.since:
        yield "since", f"{component}{rule.since}"
    if rule.deprecated:
        yield "deprecated", f"{component}{rule.deprecated}"
    yield "category", rule.category
    yield "severity", SEVERITIES[rule.severity]
    yield "fix", SAFETIES[rule.safety]
    if rule.alias:
        yield "also known as", f"`{rule.alias}`"


def _case_lines(case: Case) -> Iterator[str]:
    expected = case.expected
    yield f"### {_text(case.name[:1].upper() + case.name[1:])}"
    yield ""
    if case.target or case.parameters:
        with_what = [f"target {case.target}"] if case.target else []
        with_what += [f"`{name}` = `{value}`" for name, value in case.parameters.items()]
        yield f"With {', '.join(with_what)}."
        yield ""
    for other in case.others:
        yield from _block("Beside", other)
    yield from _block("Unchanged" if case.is_quiet else "Before", case.before)
    for after in expected.after or ():
        yield from _block("After", after)
    if expected.after == ():
        yield from ("The object is deleted.", "")
    if expected.finding:
        yield from (f"Reported: {_text(expected.finding)}", "")
    if expected.error:
        yield from (f"The run ends with an error: {_text(expected.error)}", "")


def _block(title: str, manifest: Mapping[str, object]) -> Iterator[str]:
    yield from (f'```yaml title="{title}"', yaml_text(dict(manifest)).rstrip("\n"), "```", "")


def _paragraphs(text: str) -> list[str]:
    """The text with its lines joined; blank lines part paragraphs."""
    parts = (" ".join(part.split()) for part in re.split(r"\n\s*\n", text.strip()))
    return "\n\n".join(map(_text, filter(None, parts))).split("\n")


def _text(text: str) -> str:
    """Text that Markdown would take for tags or emphasis stands as it is; what is in backticks does anyway."""
    parts = text.split("`")
    if len(parts) % 2 == 0:
        return re.sub(r"([<*\[`])", r"\\\1", text)
    return "`".join(
        re.sub(r"([<*\[])", r"\\\1", part) if number % 2 == 0 else part for number, part in enumerate(parts)
    )


def _cell(text: str) -> str:
    return _text(text).replace("|", "\\|")
