"""Label selectors, written as `kubectl -l` takes them: `app=web,tier!=db,env in (a, b),!legacy`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

_KEY = r"(?P<key>[A-Za-z0-9]([A-Za-z0-9._-]*/)?[A-Za-z0-9._-]*)"
_FORMS = (
    re.compile(rf"{_KEY}\s*(?P<sign>==|=|!=)\s*(?P<value>[A-Za-z0-9._-]*)"),
    re.compile(rf"{_KEY}\s+(?P<sign>in|notin)\s*\((?P<value>[^()]*)\)"),
    re.compile(rf"(?P<sign>!?)\s*{_KEY}(?P<value>)"),
)
# A comma inside parentheses separates values.
_COMMA = re.compile(r",(?![^(]*\))")
_NEGATIVE = frozenset({"!=", "notin", "!"})


@dataclass(frozen=True, slots=True)
class Requirement:
    """One part of a selector; without values, whether the key is there is all that counts."""

    key: str
    values: frozenset[str] | None
    wanted: bool

    def holds(self, labels: Mapping[str, str]) -> bool:
        present = self.key in labels
        match = present and (self.values is None or labels[self.key] in self.values)
        return match is self.wanted


def parse_selector(text: str) -> tuple[Requirement, ...]:
    """All parts must hold. Raises ValueError for what is no selector."""
    return tuple(_requirement(part.strip(), text) for part in _COMMA.split(text))


def _requirement(part: str, whole: str) -> Requirement:
    match = next((found for form in _FORMS if (found := form.fullmatch(part))), None)
    if match is None:
        raise ValueError(f"{whole!r} is no label selector; write `app=web,tier!=db,env in (a, b),!legacy`")
    sign = match["sign"]
    if sign in {"", "!"}:
        return Requirement(match["key"], None, wanted=not sign)
    values = [value.strip() for value in match["value"].split(",")]
    return Requirement(match["key"], frozenset(values), wanted=sign not in _NEGATIVE)
