"""What all sources have in common: which objects are wanted, and how they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

from skel.kube.gvk import group_of
from skel.patch.values import Json
from skel.record.imports.kinds import is_noise_kind, is_of_server
from skel.record.imports.selector import Selector
from skel.record.noise import Noise
from skel.record.tracked import Tracked
from skel.trace.errors import TraceError

_HELM = "helm.sh/release.v1"
_VALUES = ("data", "stringData")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which objects: in these namespaces (all if there are none) and matched by the selector. Times in Unix seconds.

    `tracked`: which kinds, None for whatever comes; then what clusters make by themselves is left out, of objects that
    come from one and, if `skip_noise`, of all.
    `secrets`: with their values, which are left out otherwise; the keys stay, for those who name them.
    """

    namespaces: frozenset[str] = frozenset()
    selector: Selector = field(default_factory=Selector)
    start: int | None = None
    end: int | None = None
    tracked: Tracked | None = None
    skip_noise: bool = False
    secrets: bool = False
    every_change: bool = False
    noise: Noise = field(default_factory=Noise)

    def takes(self, thing: Mapping[str, Json]) -> bool:
        """Whether an object is wanted."""
        api_version, kind, metadata = thing.get("apiVersion"), thing.get("kind"), thing.get("metadata")
        if not (isinstance(api_version, str) and isinstance(kind, str) and isinstance(metadata, dict)):
            return False
        # What has a uid comes from a cluster, whatever file it stands in.
        if (self.skip_noise or "uid" in metadata) and self.tracked is None and _is_noise(api_version, kind, thing):
            return False
        place = metadata.get("name") if kind == "Namespace" else metadata.get("namespace")
        if self.namespaces and place not in self.namespaces:
            return False
        return self.selector.matches(thing)

    def shaped(self, thing: dict[str, Json]) -> dict[str, Json] | None:
        """An object as it is kept; None for one that is not."""
        if self.secrets or thing.get("kind") != "Secret" or thing.get("apiVersion") != "v1":
            return thing
        if thing.get("type") == _HELM:
            return None
        emptied = {key: _emptied(thing[key]) for key in _VALUES if key in thing}
        return _unapplied({**thing, **emptied})


def _is_noise(api_version: str, kind: str, thing: Mapping[str, Json]) -> bool:
    return is_noise_kind(group_of(api_version), kind) or is_of_server(thing)


def _emptied(values: Json) -> Json:
    return dict.fromkeys(values, "") if isinstance(values, dict) else {}


def _unapplied(secret: dict[str, Json]) -> dict[str, Json]:
    """Without the annotations, in one of which `kubectl apply` keeps the values as well."""
    metadata = secret.get("metadata")
    if not isinstance(metadata, dict) or "annotations" not in metadata:
        return secret
    return {**secret, "metadata": {key: value for key, value in metadata.items() if key != "annotations"}}


def parse_time(text: str) -> int:
    """RFC 3339 (`2026-05-01T10:00:00Z`; a date alone is its midnight; UTC if no zone is given) or Unix seconds.

    Raises TraceError.
    """
    if text.isascii() and text.isdigit() and len(text) < 12:
        return int(text)
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        raise TraceError(f"`{text}` is no time", "write 2026-05-01T10:00:00Z, or Unix seconds") from None
    return int((time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp())
