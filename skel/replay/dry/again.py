"""The short way of an apply: an object that is there gets another state of which everything is known to be good.

It says the same as `writing`, and leaves to that whatever else there is to say.
"""

from __future__ import annotations

from dataclasses import dataclass

from skel.client.request import Response
from skel.replay.dry.admission import is_anyone_asked
from skel.replay.dry.answers import accepted
from skel.replay.dry.decode import Form
from skel.replay.dry.judge import Judge, Judged, is_good_name, part_as_bytes
from skel.replay.dry.kinds import Kind
from skel.replay.dry.place import Place
from skel.replay.dry.state import State, Stored
from skel.replay.dry.texts import has_good_texts
from skel.replay.halves import Halves, Kept

# What a server says of these does not follow from the two states alone.
_SPECIAL = frozenset({("", "services")})


def is_usual(kind: Kind, place: Place) -> bool:
    """Whether an object can go this way."""
    known = kind.check is not None and kind.home not in _SPECIAL
    return known and is_good_name(kind, place.namespace, place.name)


# What can't be another in another state of the same object.
_LASTING = frozenset({"name", "namespace"})


@dataclass(slots=True)
class Again:
    """Of one object that is usual."""

    judge: Judge
    state: State
    kind: Kind
    place: Place
    _kept: Kept = b""
    _judged: Judged | None = None
    """Of the rest `_kept`."""

    def __call__(self, halves: Halves) -> Response | None:
        try:
            return self._answer(halves)
        except RecursionError:
            return None

    def _answer(self, halves: Halves) -> Response | None:
        kind, place, meta, rest = self.kind, self.place, halves.metadata, halves.rest
        old = self.state.get(kind.home, place.namespace, place.name)
        if old is None or not rest.kept or meta["name"] != place.name or is_anyone_asked(self.state):
            return None
        if not has_good_texts(meta):
            return None
        judged = self._judged if rest.kept is self._kept else None
        if judged is None:
            judged = self.judge.judge(kind, rest, meta, Form.APPLIED)
            if _LASTING.issuperset(kind.reads):
                self._kept, self._judged = rest.kept, judged
        if not (judged.is_good and self._may_follow(halves, judged, old)):
            return None
        self.state.change(old, rest.kept, meta, kind.api_version, judged.fixed)
        return accepted(200, (*kind.warnings, *judged.warnings))

    def _may_follow(self, halves: Halves, judged: Judged, old: Stored) -> bool:
        """Whether the part that can't change is as it was."""
        fixed = self.kind.fixed
        return fixed is None or bool(old.fixed and part_as_bytes(fixed, judged, halves.rest) == old.fixed)
