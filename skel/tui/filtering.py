"""What of the timeline is shown: `kind:Deployment ns:shop name:cart* words where spec.replicas > 3`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import translate

from skel.language.nearest import nearest
from skel.trace.errors import TraceError
from skel.trace.model import Trace
from skel.tui.rows import Row, raw_of

Test = Callable[[str], object]

_FIELDS = {"kind": 0, "ns": 1, "namespace": 1, "name": 2}
_WHERE = re.compile(r"(?:^|\s)where\s+(?P<selector>.*)$", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Filter:
    """What a person typed, taken apart.

    `fields` are pairs of the place in a `Who` and a pattern, of which every one must hold (of several for one place:
    any); `words` must stand somewhere in the object; `selector` is one of the language, "" for none.
    """

    text: str = ""
    fields: tuple[tuple[int, str], ...] = ()
    words: tuple[str, ...] = ()
    selector: str = ""

    @classmethod
    def parse(cls, text: str) -> Filter:
        """Raises TraceError for a field that there is not."""
        where = _WHERE.search(text)
        plain = text[: where.start()] if where else text
        fields: list[tuple[int, str]] = []
        words: list[str] = []
        for word in plain.split():
            name, colon, pattern = word.partition(":")
            if colon and name in _FIELDS and pattern:
                fields.append((_FIELDS[name], pattern))
            elif colon and (near := nearest(name, _FIELDS)) and name not in _FIELDS:
                raise TraceError(f"there is no field `{name}`", f"did you mean `{near}:`?")
            else:
                words.append(word)
        return cls(text.strip(), tuple(fields), tuple(words), where["selector"].strip() if where else "")

    def select(self, trace: Trace, rows: Sequence[Row], chosen: frozenset[tuple[int, bool, int]] | None) -> list[int]:
        """The numbers of the rows that are shown; `chosen` is what the selector found, None without one."""
        tests = [(place, _any_of(patterns)) for place, patterns in self._by_place().items()]
        words = [word.lower().encode() for word in self.words]
        shown = []
        for number, row in enumerate(rows):
            if all(test(row.who[place]) for place, test in tests) and (
                chosen is None or (row.event, row.sign == "-", row.place) in chosen
            ):
                if words:
                    content = bytes(raw_of(trace, row)).lower()
                    if not all(word in content for word in words):
                        continue
                shown.append(number)
        return shown

    def _by_place(self) -> dict[int, list[str]]:
        patterns: dict[int, list[str]] = {}
        for place, pattern in self.fields:
            patterns.setdefault(place, []).append(pattern)
        return patterns


def _any_of(patterns: list[str]) -> Test:
    """Whether a text is one of these, in whatever case; `*` and `?` stand for what you like."""
    return re.compile("|".join(translate(pattern) for pattern in patterns), re.IGNORECASE).match
