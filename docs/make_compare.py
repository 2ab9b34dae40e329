"""Measures what the rules cover, and writes it into docs/compare.md.

python -m docs.make_compare           measures and writes
python -m docs.make_compare --check   exit code 1 if the page says something else
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import skel
from skel.findings.model import Location
from skel.findings.severity import Severity
from skel.kube.release import Gvk, data_info, life, lookup, minors, served
from skel.kube.schema import validate
from skel.packs.cases import Case, read_cases
from skel.packs.registry import find
from skel.trace.codec import Event, decode_object, encode_object
from skel.upgrade.checking import check_trace, prepare
from skel.upgrade.migrating import repair
from skel.upgrade.selection import REMOVAL

FILE = Path(__file__).resolve().parent / "compare.md"
BLOCK = re.compile(r"(?<=<!-- measured -->\n).*?(?=<!-- end -->)", re.DOTALL)
FIRST = "1.16"


@dataclass(slots=True)
class Coverage:
    """What becomes of the objects of one lost API on the release that does not serve it."""

    gvk: Gvk
    gone: str
    was_on: bool
    examples: list[Case] = field(default_factory=list)
    found: int = 0
    rewritten: int = 0

    @property
    def is_found(self) -> bool:
        return bool(self.examples) and self.found == len(self.examples)


def lost() -> Iterator[Coverage]:
    """Every API but the alphas that a release since 1.16 does not serve any more, with the release that ended it."""
    first = minors().index(FIRST)
    for gvk in sorted({gvk for minor in minors() for gvk in served(minor) if "alpha" not in gvk[0]}):
        known = life(*gvk)
        if known is not None and known.gone and minors().index(known.gone) >= first:
            was_on = any(gvk in served(minor) and served(minor)[gvk].on_by_default for minor in minors())
            yield Coverage(gvk, known.removed or known.gone, was_on)


def measure() -> list[Coverage]:
    """Run a check and a migration on each object that stands in a case of a rule."""
    covered = {item.gvk: item for item in lost()}
    for rule in find("kubernetes").rules:
        for case in read_cases(rule.cases_file)[0] if rule.category == REMOVAL else ():
            gvk = (str(case.before.get("apiVersion")), str(case.before.get("kind")))
            if gvk in covered and not case.is_quiet:
                covered[gvk].examples.append(case)
    for release in sorted({item.gone for item in covered.values()}):
        _measure_release(release, [item for item in covered.values() if item.gone == release])
    return list(covered.values())


def _measure_release(release: str, items: list[Coverage]) -> None:
    """All objects that the release ended, as one trace."""
    upgrade = prepare(None, release)
    owners = [(item, case) for item in items for case in item.examples]
    objects = [encode_object(case.before) for _, case in owners]
    trace = skel.Trace.make([Event(0, objects, [])], {"trackedObjects": {}}, {}, {})
    findings = check_trace(upgrade, trace, every=True, locate=lambda thing, _: Location(line=thing.position))
    found = {finding.location.line for finding in findings if finding.severity is Severity.ERROR}
    for number, (item, _) in enumerate(owners):
        item.found += number in found
    after, _ = repair(upgrade).apply(trace)
    for (item, _), raw in zip(owners, after.events[0].applied_objs, strict=True):
        item.rewritten += _is_good(decode_object(raw), release)


def _is_good(manifest: dict[str, Any], release: str) -> bool:
    """Whether the release serves the object, without being told to, and its schema has nothing against it."""
    there = lookup(str(manifest.get("apiVersion")), str(manifest.get("kind")), release)
    return there is not None and there.on_by_default and not validate(manifest, release)


def table() -> str:
    """The measured part of the page."""
    every = measure()
    on = [item for item in every if item.was_on]
    rules = Counter(rule.category for rule in find("kubernetes").rules)
    found = f"{sum(item.is_found for item in on)} of {len(on)}"
    found_of_all = f"{sum(item.is_found for item in every)} of {len(every)}"
    rewritten = f"{sum(item.rewritten > 0 for item in every)}"
    rows = [
        ("removals that were on by default, found", found, "45", "47", "-"),
        ("all removals of beta and stable APIs, found", found_of_all, "-", "-", "-"),
        ("the same, rewritten to what the release serves", rewritten, "0", "0", "48"),
        ("rules for what behaves differently", str(rules["behaviour"]), "0", "0", "0"),
    ]
    lines = ["| | skel | pluto | kube-no-trouble | kubectl-convert |", "|---|---|---|---|---|"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    by_hand = [item for item in every if not item.rewritten]
    names = ", ".join(f"{item.gvk[1]} {item.gvk[0]}" for item in by_hand)
    notes = [
        "",
        f"Measured on {sum(len(item.examples) for item in every)} objects with the facts of {data_info()}.",
        f"Not rewritten without being asked: {names}." if names else "",
        "",
    ]
    return "\n".join([*lines, *notes])


def main() -> int:
    page = FILE.read_text("utf-8")
    wanted = BLOCK.sub(lambda _: table(), page)
    if "--check" in sys.argv[1:]:
        if wanted != page:
            print("docs/compare.md is out of date: run `make update`", file=sys.stderr)
        return int(wanted != page)
    FILE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
