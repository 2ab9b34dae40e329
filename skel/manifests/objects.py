"""Documents -> objects of a cluster: lists are taken apart, what is no object is set aside."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from skel.findings.model import Problem
from skel.manifests import limits
from skel.manifests.document import Document, Source
from skel.manifests.outside import Outside
from skel.patch.pointer import Pointer
from skel.patch.values import Json
from skel.trace.codec import encode_object
from skel.trace.errors import TraceError

_KUSTOMIZE = "kustomize.config.k8s.io/"


@dataclass(slots=True)
class FileRead:
    """What one file holds. `objects` and `documents` belong together."""

    objects: list[bytes] = field(default_factory=list)
    documents: list[Document] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    outside: list[tuple[Outside, str]] = field(default_factory=list)


class Lines(Protocol):
    """The line of the document, or of the n-th of its `items`."""

    def __call__(self, item: int | None = None) -> int: ...


@dataclass(frozen=True, slots=True)
class Sorting:
    """Takes the documents of one file and sorts them into `read`."""

    source: Source
    read: FileRead

    def take(self, value: Json, number: int, lines: Lines) -> None:
        """One document."""
        if not isinstance(value, dict):
            self._set_aside(Outside.OTHER)
        else:
            self._object(value, Document(self.source, number, lines()), lines)

    def _object(self, value: dict[str, Json], document: Document, lines: Lines) -> None:
        api_version, kind = value.get("apiVersion"), value.get("kind")
        if not (isinstance(api_version, str) and isinstance(kind, str) and api_version and kind):
            self._no_object(value, document)
        elif api_version.startswith(_KUSTOMIZE):
            self._set_aside(Outside.KUSTOMIZATION)
        elif kind.endswith("List") and isinstance(items := value.get("items", value), list | None):
            self._list(items or [], document, lines, (api_version, kind.removesuffix("List")))
        else:
            self._keep(value, document)

    def _no_object(self, value: dict[str, Json], document: Document) -> None:
        self._set_aside(Outside.OTHER)
        # A chart has apiVersion and a name; only what has metadata as well was meant for a cluster.
        if isinstance(value.get("metadata"), dict) and ("apiVersion" in value or "kind" in value):
            lacks = "kind" if isinstance(value.get("apiVersion"), str) and value["apiVersion"] else "apiVersion"
            self._complain(document, f"has no `{lacks}`, so it is not checked", is_error=False)

    def _list(self, items: list[Json], document: Document, lines: Lines, implied: tuple[str, str]) -> None:
        """`implied` is what items of a typed list are that do not say it themselves."""
        if len(document.path) > limits.DEPTH:
            self._complain(document, "lists are nested too deeply")
            return
        for number, item in enumerate(items):
            line = document.line if document.path else lines(number)
            path: Pointer = (*document.path, "items", number)
            place = Document(self.source, document.number, line, path)
            if not isinstance(item, dict):
                self._complain(place, f"items[{number}] of this list is no object")
            elif "apiVersion" not in item and "kind" not in item and implied[1]:
                whole = {"apiVersion": implied[0], "kind": implied[1], **item}
                self._keep(whole, Document(self.source, document.number, line, path, implied=True))
            else:
                self._object(item, place, lines)

    def _keep(self, value: dict[str, Json], document: Document) -> None:
        try:
            self.read.objects.append(bytes(encode_object(value)))
        except TraceError as error:
            self._complain(document, error.message)
        else:
            self.read.documents.append(document)

    def _set_aside(self, kind: Outside) -> None:
        self.read.outside.append((kind, str(self.source)))

    def _complain(self, document: Document, message: str, *, is_error: bool = True) -> None:
        self.read.problems.append(Problem(document.where, message, is_error))
