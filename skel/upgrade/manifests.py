"""A check of manifests: the same rules, with files and lines for places."""

from __future__ import annotations

from dataclasses import replace

from skel.findings.model import Findings, Location
from skel.manifests.document import Manifests
from skel.manifests.locate import locate
from skel.patch.pointer import Pointer, format_pointer
from skel.trace.reference import ObjectReference
from skel.upgrade.checking import Upgrade, check_trace
from skel.upgrade.places import Locate


def check_manifests(upgrade: Upgrade, manifests: Manifests, named: tuple[str, ...]) -> Findings:
    """Check what was read from the files and folders `named`. An object that stands in two files is two objects."""
    found = check_trace(upgrade, manifests.trace, locate=in_files(manifests), every=True)
    return replace(
        found,
        scanned=replace(found.scanned, inputs=named, files=manifests.files, events=0),
        not_checked=found.not_checked + manifests.not_checked,
        problems=manifests.problems + found.problems,
    )


def in_files(manifests: Manifests) -> Locate:
    """Places in files: the line of the field."""

    def place(thing: ObjectReference, pointer: Pointer) -> Location:
        document = manifests.documents[thing.position]
        line, column = locate(document, pointer)
        return Location(document.file, line, column, pointer=format_pointer(pointer))

    return place
