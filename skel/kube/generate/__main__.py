"""`python -m skel.kube.generate` proves that the data is what its sources say; with `--write` it makes it so.

Sources are the OpenAPI documents of a folder; what is known of other minors stays. `--fetch 1.37` adds a minor from
the Go modules of Kubernetes.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from skel.kube.generate.data import Knowledge, differing, stored, texts_of
from skel.kube.generate.facts import NotUnderstood
from skel.kube.generate.lifecycle import from_list, from_module, merge
from skel.kube.generate.openapi import read
from skel.kube.generate.sources import MARKER_MODULES, Document, NotFetched, documents, download, fetch, minor_number
from skel.kube.tables import FOLDER


def main(arguments: Sequence[str]) -> int:
    options = _options().parse_args(arguments)
    try:
        found, count = _learned(options)
        wrong = differing(texts_of(found))
    except (NotFetched, NotUnderstood) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    if wrong and options.write:
        for name, text in texts_of(replace(found, checked=options.date)).items():
            (FOLDER / name).write_text(text, "utf-8")
    state = "is up to date" if not wrong else "was written" if options.write else f"differs: {', '.join(wrong)}"
    sys.stdout.write(f"skel/kube/data {state} ({len(found.facts)} minors, compared with {_compared(count)})\n")
    return 1 if wrong and not options.write else 0


def _compared(count: int) -> str:
    if not count:
        return "its own checksums only, for want of OpenAPI documents"
    return f"{count} OpenAPI document{'s' if count > 1 else ''}"


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m skel.kube.generate", description=__doc__)
    parser.add_argument("--openapi", type=Path, metavar="FOLDER", help="documents such as 1.25.json or 1.25.json.gz")
    parser.add_argument("--lifecycle", type=Path, metavar="FILE", help="lifecycle markers as JSON")
    parser.add_argument("--fetch", action="append", default=[], metavar="1.37", help="a minor, or one release of it")
    parser.add_argument("--write", action="store_true", help="write the files; else only compare")
    today = dt.datetime.now(dt.UTC).date().isoformat()
    parser.add_argument("--date", default=today, help="the day to record if the data changes")
    return parser


def _learned(options: argparse.Namespace) -> tuple[Knowledge, int]:
    """What is known with all sources, and from how many documents."""
    known, count = stored(), 0
    for document in documents(options.openapi) if options.openapi else ():
        known, count = _with_document(known, document), count + 1
    if options.lifecycle and options.lifecycle.is_file():
        listed = json.loads(options.lifecycle.read_text("utf-8"))
        known = replace(known, markers=merge(known.markers, from_list(listed)))
    for query in options.fetch:
        fetched = fetch(query)
        known, count = _with_markers(_with_document(known, fetched), fetched.minor), count + 1
    _refuse_gaps(known.facts)
    return known, count


def _with_document(known: Knowledge, document: Document) -> Knowledge:
    old = known.origins.get(document.minor, {})
    same = old.get("sha256") == document.sha256
    origin = {"version": document.version or (old["version"] if same else ""), "sha256": document.sha256}
    facts = {**known.facts, document.minor: read(document.content)}
    return replace(known, facts=facts, origins={**known.origins, document.minor: origin})


def _with_markers(known: Knowledge, minor: str) -> Knowledge:
    """The markers of the libraries of a minor: 0.37 belongs to 1.37."""
    version = f"0.{minor_number(minor)}"
    kinds = [(gvk, fact.definition) for found in known.facts.values() for gvk, fact in found.kinds.items()]
    markers = dict(known.markers)
    for name in MARKER_MODULES:
        module = download(name, f"v{version}")
        markers = merge(markers, from_module(module.folder, f"{name} {version}", kinds))
    return replace(known, markers=markers)


def _refuse_gaps(minors: Iterable[str]) -> None:
    numbers = sorted(map(minor_number, minors))
    gaps = [number for number in range(numbers[0], numbers[-1]) if number not in numbers] if numbers else []
    if gaps:
        raise NotFetched(f"1.{gaps[0]} is missing between the known minors; fetch it as well")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
