"""Label selectors of imports and of /export, applied to whole objects."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skel.findings import labels
from skel.patch.values import Json
from skel.trace.errors import TraceError


@dataclass(frozen=True, slots=True)
class Selector:
    """Matches objects that meet all requirements. Without any it matches everything."""

    needs: tuple[labels.Requirement, ...] = ()

    def matches(self, thing: Mapping[str, Json]) -> bool:
        if not self.needs:
            return True
        metadata = thing.get("metadata")
        found = metadata.get("labels") if isinstance(metadata, dict) else None
        return all(need.holds(found if isinstance(found, dict) else {}) for need in self.needs)


def parse_selector(text: str) -> Selector:
    """Raises TraceError for what is no selector; an empty text chooses everything."""
    if not text.strip():
        return Selector()
    try:
        return Selector(labels.parse_selector(text))
    except ValueError as error:
        raise TraceError(str(error)) from None
