"""Label selectors as kubectl takes them: `app=cart,tier!=db,zone in (a, b),!canary`.

https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from skel.patch.values import Json
from skel.trace.errors import TraceError

_PART = re.compile(
    r"\s*(?:(?P<absent>!)?\s*(?P<key>[A-Za-z0-9][\w./-]*)\s*"
    r"(?:(?P<sign>==|!=|=)\s*(?P<value>[\w.-]*)|(?P<word>in|notin)\s*\((?P<values>[^()]*)\))?)\s*(?:,|$)",
    re.ASCII,
)


@dataclass(frozen=True, slots=True)
class _Need:
    """The label is one of `values` (of any value if that is None), or the contrary."""

    key: str
    values: frozenset[str] | None
    negated: bool

    def holds(self, labels: Mapping[str, Json]) -> bool:
        is_met = self.key in labels and (self.values is None or labels[self.key] in self.values)
        return is_met is not self.negated


@dataclass(frozen=True, slots=True)
class Selector:
    """Matches objects that meet all needs. Without needs it matches everything."""

    needs: tuple[_Need, ...] = ()

    def matches(self, thing: Mapping[str, Json]) -> bool:
        if not self.needs:
            return True
        metadata = thing.get("metadata")
        labels = metadata.get("labels") if isinstance(metadata, dict) else None
        return all(need.holds(labels if isinstance(labels, dict) else {}) for need in self.needs)


def parse_selector(text: str) -> Selector:
    """Raises TraceError with the place of what is no selector."""
    needs: list[_Need] = []
    here = 0
    while here < len(text):
        part = _PART.match(text, here)
        if part is None or (part["absent"] and (part["sign"] or part["word"])):
            raise TraceError(
                f"`{text}` is no label selector, from `{text[here : here + 20]}` on",
                "write for example app=cart,tier!=db",
            )
        needs.append(_need(part))
        here = part.end()
    return Selector(tuple(needs))


def _need(part: re.Match[str]) -> _Need:
    if part["sign"]:
        return _Need(part["key"], frozenset({part["value"]}), part["sign"] == "!=")
    if part["word"]:
        values = frozenset(value.strip() for value in part["values"].split(","))
        return _Need(part["key"], values, part["word"] == "notin")
    return _Need(part["key"], None, bool(part["absent"]))
