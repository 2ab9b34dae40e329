"""Which object of which event: what changes, hits and findings are shown with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skel.patch.values import Json


@dataclass(frozen=True, slots=True)
class ObjectReference:
    """Number of the event from 0, its time in Unix seconds, which of its two lists, the place there, and the name."""

    event: int
    timestamp: int
    deleted: bool
    position: int
    api_version: str
    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return "/".join(word for word in (self.kind or "object", self.namespace, self.name) if word)

    @classmethod
    def of(
        cls, manifest: Mapping[str, Json], event: int, timestamp: int, position: int, *, deleted: bool
    ) -> ObjectReference:
        """The reference of a decoded manifest. What is missing, or no text, is an empty word."""
        metadata = manifest.get("metadata")
        names = metadata if isinstance(metadata, dict) else {}
        words = (manifest.get("apiVersion"), manifest.get("kind"), names.get("namespace"), names.get("name"))
        texts = [word if isinstance(word, str) else "" for word in words]
        return cls(event, timestamp, deleted, position, *texts)

    def as_json(self) -> dict[str, Json]:
        """Members that say which object this is, as reports carry them."""
        return {
            "event": self.event,
            "ts": self.timestamp,
            "list": "deleted_objs" if self.deleted else "applied_objs",
            "position": self.position,
            "object": {
                "apiVersion": self.api_version,
                "kind": self.kind,
                "namespace": self.namespace,
                "name": self.name,
            },
        }
