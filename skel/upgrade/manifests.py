"""Manifests instead of a trace: the same rules, with files and lines for places."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from skel.engine.change import Changes, ObjectChange
from skel.findings.model import Findings, Location, Problem
from skel.manifests.document import Manifests
from skel.manifests.files import PatchedFile, patch_files
from skel.manifests.locate import locate
from skel.patch.operations import Operation
from skel.patch.pointer import Pointer, format_pointer
from skel.program import Program
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


@dataclass(frozen=True, slots=True)
class ManifestMigration:
    """The files before and after, not written yet; what was changed; what is left to do by hand."""

    files: tuple[PatchedFile, ...]
    changes: Changes
    left: Findings


def migrate_manifests(
    upgrade: Upgrade, manifests: Manifests, named: tuple[str, ...], *, repair: Program
) -> ManifestMigration:
    """Run the repair on manifests. Comments and layout of their files stay; lines of what is left are those before.

    Raises TraceError for a file that can't be read any more.
    """
    after, changes = repair.apply(manifests.trace)
    patches = {change.object.position: _operations(change) for change in changes.objects()}
    files = tuple(patch_files(manifests, patches))
    kept = tuple(it for number, it in enumerate(manifests.documents) if patches.get(number, ()) is not None)
    left = check_manifests(upgrade, replace(manifests, trace=after, documents=kept), named)
    problems = (*left.problems, *unwritten(files))
    return ManifestMigration(files, changes, replace(left, tool="migrate", problems=problems))


def unwritten(files: Iterable[PatchedFile]) -> Iterator[Problem]:
    """What could not be changed in a file as it is laid out, a line each."""
    for file in files:
        for error in dict.fromkeys(file.errors.values()):
            yield Problem(Location(str(file.source), error.line or None), f"{error.message}: {error.hint}")


def _operations(change: ObjectChange) -> tuple[Operation, ...] | None:
    return change.operations if change.after is not None else None
