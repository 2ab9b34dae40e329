"""The patched files of what was read, and how they come onto the disk."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO

from skel.manifests.document import Manifests, Source
from skel.manifests.errors import RewriteError
from skel.manifests.pieces import Text
from skel.manifests.rewrite import Patches, Place, rewrite_what_can_be
from skel.patch.operations import Operation
from skel.storage.store import write_atomically
from skel.trace.codec import without_gc


@dataclass(frozen=True, slots=True)
class PatchedFile:
    """A file before and after. `errors`: what stays as it was in it, by the number of the object in the trace."""

    source: Source
    before: Text
    after: str
    errors: Mapping[int, RewriteError] = field(default_factory=dict)

    @property
    def is_changed(self) -> bool:
        return self.before.text != self.after

    def save(self) -> None:
        """Write it where it was read, whole or not at all, with its old mode. Raises TraceError."""
        data = self.before.encode(self.after)

        def write(file: BinaryIO) -> None:
            file.write(data)

        write_atomically(self.source.path, write)


def patch_files(manifests: Manifests, patches: Mapping[int, Sequence[Operation] | None]) -> list[PatchedFile]:
    """The files of these objects, by their number in the trace, in the order of these. Nothing is written.

    None takes the object out of its file. Raises TraceError for a file that can't be read any more.
    """
    numbers: dict[Source, list[int]] = {}
    for number in sorted(patches):
        numbers.setdefault(manifests.documents[number].source, []).append(number)
    with without_gc():
        return [_patched(manifests, source, {it: patches[it] for it in found}) for source, found in numbers.items()]


def _patched(manifests: Manifests, source: Source, patches: Mapping[int, Sequence[Operation] | None]) -> PatchedFile:
    before = source.read()
    places: dict[int, Place] = {it: (manifests.documents[it].number, manifests.documents[it].path) for it in patches}
    wanted: Patches = {places[it]: operations for it, operations in patches.items()}
    done = rewrite_what_can_be(before.text, wanted, is_json=source.is_json)
    errors = {it: done.errors[place[0]] for it, place in places.items() if place[0] in done.errors}
    return PatchedFile(source, before, done.text, errors)
