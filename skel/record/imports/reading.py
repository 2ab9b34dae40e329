"""Texts of manifests -> objects; what is in them and no object of a cluster is told to the losses."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Raw

from skel.manifests.objects import FileRead
from skel.manifests.outside import Outside
from skel.manifests.reading import read_data
from skel.patch.values import Json
from skel.record.imports.files import Text
from skel.record.imports.losses import Losses, Reason
from skel.trace.codec import decode_object, without_gc

BROKEN = Reason("document", "can't be read")
ODD = Reason("oddity", "the document is used", meant=True, many="oddities")
_OUTSIDE = {
    Outside.TEMPLATE: Reason("Helm template", "not rendered here: `helm template CHART | skel import manifests -`"),
    Outside.KUSTOMIZATION: Reason(
        "kustomization", "not built here: `kubectl kustomize FOLDER | skel import manifests -`"
    ),
    Outside.OTHER: Reason("document", "without `apiVersion` and `kind`", meant=True),
    Outside.UNREADABLE: Reason("file", "can't be read, and names no `apiVersion`", meant=True),
}

Found = tuple[dict[str, Json], str]
"""An object and its place."""


def objects(text: Text, losses: Losses) -> Iterator[Found]:
    """The objects in a text, lists taken apart."""
    with without_gc():
        read = read_data(text.data, text.name, is_named=text.is_named)
    tell(read, losses)
    for raw, document in zip(read.objects, read.documents, strict=True):
        yield decode_object(Raw(raw)), str(document)


def tell(read: FileRead, losses: Losses) -> None:
    """What could not be used of a file."""
    for problem in read.problems:
        losses.add(BROKEN if problem.is_error else ODD, f"{problem.location}: {problem.message}")
    for kind, file in read.outside:
        losses.add(_OUTSIDE[kind], file)
