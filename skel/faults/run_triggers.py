"""Whether what a step waits for has happened: counted from the beginning of a run, by logical events only."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from skel.faults.model import Event, Step, Trigger, Watch, Writes
from skel.faults.proxy import traffic
from skel.faults.proxy.frames import Frame
from skel.faults.proxy.route import EVERY

_NAMESPACES = "namespaces"


class Tally:
    """Counts for one trigger."""

    def __init__(self, when: Trigger) -> None:
        self.when = when
        self.has_happened = False
        self._count = 0
        self._numbers: dict[int, int] = {}
        """Which of the requests that count a call was, by identity; until it is answered."""

    def came(self, resource: str, frame: Frame) -> None:
        """A change has come for the component; one that comes on several watches is told once."""
        when = self.when
        if (
            isinstance(when, Watch)
            and when.resource in {EVERY, resource}
            and when.event in {Event.ANY, frame.event}
            and when.name in {"", frame.name}
        ):
            self._count += 1
            self.has_happened = self._count >= when.nth

    def asked(self, call: traffic.Call) -> None:
        when = self.when
        if isinstance(when, Writes) and self._is_meant(when, call):
            self._count += 1
            self._numbers[id(call)] = self._count
            self.has_happened |= when.before and self._count >= when.nth

    def answered(self, call: traffic.Call) -> None:
        number = self._numbers.pop(id(call), 0)
        self.has_happened |= number >= self.when.nth

    @staticmethod
    def _is_meant(when: Writes, call: traffic.Call) -> bool:
        return (
            when.verb in {EVERY, call.route.method} and call.route.is_about(when.resource) and when.agent in call.agent
        )


class Tallies:
    """Of all steps. `is_in_scope` says which namespaces count; what belongs to none always does."""

    def __init__(self, steps: Sequence[Step], is_in_scope: Callable[[str], bool]) -> None:
        self._tallies = [Tally(step.when) if step.when else None for step in steps]
        self._is_in_scope = is_in_scope
        self._seen: set[tuple[str, str, int]] = set()

    def is_due(self, number: int) -> bool:
        """Whether the step of that number (from 0) waits for nothing any more; one without a trigger is never due."""
        tally = self._tallies[number] if number < len(self._tallies) else None
        return tally is not None and tally.has_happened

    def came(self, watch: traffic.Watch, frame: Frame) -> bool:
        """Whether it counts: in the trial, and not seen on another watch."""
        key = watch.resource, frame.event, frame.revision
        place = frame.name if watch.resource == _NAMESPACES else frame.namespace
        if frame.is_bookmark or not self._counts(place) or key in self._seen:
            return False
        self._seen.add(key)
        for tally in self._tallies:
            if tally is not None:
                tally.came(watch.resource, frame)
        return True

    def asked(self, call: traffic.Call) -> bool:
        """Whether it counts: in the trial, and no watch."""
        route = call.route
        place = route.name if route.resource == _NAMESPACES else route.namespace
        if route.is_watch or not self._counts(place):
            return False
        for tally in self._tallies:
            if tally is not None:
                tally.asked(call)
        return True

    def answered(self, call: traffic.Call) -> None:
        for tally in self._tallies:
            if tally is not None:
                tally.answered(call)

    def _counts(self, namespace: str) -> bool:
        return not namespace or self._is_in_scope(namespace)
