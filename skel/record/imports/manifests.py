"""Files and folders of manifests, output of kubectl, backups of Velero: all of it is one event."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from skel.record.imports.change import Change
from skel.record.imports.files import texts
from skel.record.imports.losses import Losses
from skel.record.imports.reading import objects
from skel.record.imports.snapshot import Snapshot

# Velero keeps each object once more under its version, and with EnableAPIGroupVersions under all its versions:
# https://velero.io/docs/main/output-file-format/
_VERSIONED = re.compile(r"(?:^|/)resources/[^/]+/v\d+[a-z0-9]*(?:-preferredversion)?/(?:namespaces|cluster)/")


def manifest_changes(
    paths: Sequence[str], losses: Losses, *, namespace: str = "default", at: int | None = None
) -> Iterator[Change]:
    """All objects, in the order in which they stand there, at `at`: by default the newest time that they tell, or 0."""
    snapshot = Snapshot(losses, namespace)
    for text in texts(paths, losses, skip=lambda name: _VERSIONED.search(name) is not None):
        for thing, place in objects(text, losses):
            snapshot.add(thing, place)
    yield from snapshot.changes(at)
