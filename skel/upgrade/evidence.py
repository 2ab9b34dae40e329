"""What says that an object is as it is: the object itself, who wrote it, and what was written last."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import msgspec
from msgspec import Raw, Struct
from msgspec.msgpack import Decoder

from skel.findings.model import Evidence
from skel.patch.values import Json

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
CLIENT_SIDE_APPLY = "kubectl-client-side-apply"


class Writer(Struct, frozen=True, gc=False):
    """An entry of `metadata.managedFields`: who wrote fields, in which version of the API, when (RFC 3339)."""

    manager: str = ""
    operation: str = ""
    apiVersion: str = ""  # noqa: N815  (the name in the manifest)
    time: str | None = None
    subresource: str = ""

    @property
    def moment(self) -> float | None:
        """Unix seconds, None if there is no time or it can't be read."""
        try:
            return datetime.fromisoformat(self.time or "").astimezone(UTC).timestamp()
        except (ValueError, OverflowError):
            return None


class _Annotations(Struct, gc=False):
    """Those that say who wrote an object. Other annotations are passed over."""

    last_applied: str | None = msgspec.field(default=None, name=LAST_APPLIED)
    helm_release: str | None = msgspec.field(default=None, name="meta.helm.sh/release-name")
    helm_namespace: str | None = msgspec.field(default=None, name="meta.helm.sh/release-namespace")


_NO_ANNOTATIONS = _Annotations()


class _Metadata(Struct, gc=False):
    name: str = ""
    namespace: str | None = None
    managedFields: list[Writer] | None = None  # noqa: N815  (the name in the manifest)
    annotations: _Annotations | None = None


class Written(Struct, gc=False):
    """The parts of an object that say who wrote it."""

    apiVersion: str = ""  # noqa: N815  (the name in the manifest)
    kind: str = ""
    metadata: _Metadata = msgspec.field(default_factory=_Metadata)

    @property
    def writers(self) -> list[Writer]:
        """Those who wrote what the object should be; the status is of no interest."""
        return [writer for writer in self.metadata.managedFields or () if writer.subresource != "status"]

    @property
    def annotations(self) -> _Annotations:
        return self.metadata.annotations or _NO_ANNOTATIONS

    @property
    def last_applied(self) -> dict[str, Json] | None:
        """The manifest that `kubectl apply` was given last; None if there is none that can be read."""
        text = self.annotations.last_applied
        if not text:
            return None
        try:
            manifest = msgspec.json.decode(text)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return None
        return manifest if isinstance(manifest, dict) else None


_decoder = Decoder(Written)


def written(raw: Raw) -> Written | None:
    """Who wrote an object, without decoding the rest; None where these parts are not as they should be."""
    try:
        return _decoder.decode(raw)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None


def evidence_of(raw: Raw) -> Iterator[Evidence]:
    """What supports the apiVersion of an object besides the object itself."""
    seen = written(raw)
    if seen is None:
        return
    for writer in seen.writers:
        if writer.apiVersion == seen.apiVersion:
            detail = f"{writer.manager or 'somebody'} wrote it as {writer.apiVersion}"
            yield Evidence("managed-fields", detail, writer.moment, writer.manager)
    manifest = seen.last_applied
    if manifest is not None and manifest.get("apiVersion") == seen.apiVersion:
        yield Evidence("last-applied", f"the manifest applied last is of {seen.apiVersion}", applied_at(seen))
    yield from helm(seen)


def helm(seen: Written) -> Iterator[Evidence]:
    """The Helm release that an object belongs to: its chart is what must change."""
    notes = seen.annotations
    if notes.helm_release:
        where = f" in namespace {notes.helm_namespace}" if notes.helm_namespace else ""
        yield Evidence("helm", f"the Helm release {notes.helm_release}{where} writes it", manager="helm")


def applied_at(seen: Written) -> float | None:
    """When `kubectl apply` wrote last, in Unix seconds."""
    times = [writer.moment for writer in seen.writers if writer.manager == CLIENT_SIDE_APPLY]
    return max((time for time in times if time is not None), default=None)
