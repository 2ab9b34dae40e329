"""One object through the steps of one phase."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import Raw

from skel.compiler.footprint import HEADER
from skel.compiler.frame import Frame
from skel.compiler.header import Header, header_of
from skel.compiler.probe import Chain, is_present
from skel.compiler.program import BoundPhase, Bucket, Shallow
from skel.compiler.script import Script
from skel.compiler.step import CompiledStep
from skel.compiler.words import finder
from skel.engine.tally import Hit, Name, Seen, Tally
from skel.patch.operations import Move, Operation, Remove
from skel.patch.values import Json
from skel.trace.codec import decode_object, decode_shallow, encode_object, thaw
from skel.trace.index import spec_hash

Observer = Callable[[int, list[Operation]], None]
"""Called with a rule and the operations that it did to the object at hand."""


TRIAL = 100
"""Objects after which it is known whether most of them have the words."""


class Lane:
    """The way of the objects of one header: what concerns them, and how many there were."""

    __slots__ = (
        "certain", "find", "found", "gates", "header", "looked", "moved", "objects", "script", "shallow", "steps",
    )  # fmt: skip

    def __init__(self, bucket: Bucket, header: Header, script: Script | None, shallow: Shallow | None) -> None:
        self.header = header
        self.script = script
        self.shallow = shallow
        self.steps = bucket.steps
        self.gates = bucket.gates
        self.find = finder(bucket.words) if bucket.words is not None else None
        self.looked = self.found = 0
        self.certain = frozenset(bucket.certain)
        self.objects = 0
        self.moved = 0  # those that did not run to the end as what they were, so that rules are counted one by one

    def has_words(self, raw: Raw) -> bool:
        """Whether a word that some step needs stands in the object; yes where looking for words does not pay."""
        if self.find is None:
            return True
        self.looked += 1
        if not self.find(bytes(raw)):
            return False
        self.found += 1
        if self.looked >= TRIAL and self.found * 2 > self.looked:
            self.find = None
        return True

    def decode(self, raw: Raw, probe: Any) -> dict[str, Json]:
        """The object, or no more of it than the script looks at."""
        shallow = self.shallow
        if shallow is None:
            return decode_object(raw)
        for chain in shallow.chains:
            if is_present(probe, chain):
                return decode_object(raw)
        return decode_shallow(raw, shallow.keys)


class ObjectRunner:
    """Runs one phase on objects one by one, and counts. `observe` hears of each rule that changed the object.
    `only_looks`: nobody wants the new objects, so they are not made, and no books are kept of their specs.

    This is the hot path: an object that no step can concern costs one look at its header.
    """

    def __init__(
        self, phase: BoundPhase, frame: Frame, observe: Observer | None = None, *, only_looks: bool = False
    ) -> None:
        self.phase = phase
        self.frame = frame
        self.observe = observe
        self.only_looks = only_looks
        self._has_scripts = observe is None and phase.options.scripts
        self._tally = Tally()
        self._lanes: dict[Header, Lane] = {}
        self._probe = phase.probe.decoder.decode
        self._matched: set[int] = set()
        self._changed: set[int] = set()
        # By number of the rule: lists, for a Counter takes several times as long to count one more.
        rules = 1 + max((step.rule for step in phase.steps), default=0)
        self._matches = [0] * rules
        self._changes = [0] * rules

    def run(self, raw: Raw, event: int, deleted: bool, position: int) -> Raw | None:
        """The object after the phase: `raw` itself if nothing changed, None if it was deleted."""
        try:
            probe = self._probe(raw)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return self._run_odd(raw, event, deleted, position)  # a header of odd types: no short cut
        header = (probe.apiVersion, probe.kind)
        lane = self._lanes.get(header) or self._lane(header)
        lane.objects += 1
        if not lane.steps:
            return raw
        names = probe.metadata
        name = (*lane.header, names.namespace, names.name) if names else None  # one pair of words for all
        if (lane.gates is not None and not _may_match(lane.gates, probe)) or not lane.has_words(raw):
            if not deleted and name is not None:
                self._tally.kept.add(name)
                self._tally.hashes.setdefault(name, None)
            return raw
        self.frame.holder[0] = lane.decode(raw, probe)
        return self._run_decoded(raw, lane, name, (event, deleted, position))

    def tally(self) -> Tally:
        """Everything counted so far."""
        for lane in self._lanes.values():
            self._tally.objects += lane.objects
            self._tally.headers[lane.header] += lane.objects
            if lane.steps:
                self._tally.runs[lane.header] += lane.objects - lane.moved
            lane.objects = lane.moved = 0
        for counter, counts in (
            (self._tally.matched_by_rule, self._matches),
            (self._tally.changed_by_rule, self._changes),
        ):
            counter.update({rule: count for rule, count in enumerate(counts) if count})
            counts[:] = [0] * len(counts)
        return self._tally

    def met(self) -> dict[Header, int]:
        """How many objects of each header came since they were last counted."""
        return {header: lane.objects for header, lane in self._lanes.items()}

    @property
    def has_hits(self) -> bool:
        """Whether `require` or `deny` said something since this was last asked."""
        return bool(self._tally.hits)

    def take_hits(self) -> list[Hit]:
        """What `require` and `deny` said since this was last asked."""
        hits, self._tally.hits = self._tally.hits, []
        return hits

    def _lane(self, header: Header) -> Lane:
        bucket = self.phase.bucket(header)
        script = self.phase.script(header) if self._has_scripts and bucket.steps else None
        shallow = self.phase.shallow(script) if script is not None else None
        lane = self._lanes[header] = Lane(bucket, header, script, shallow)
        return lane

    def _run_odd(self, raw: Raw, event: int, deleted: bool, position: int) -> Raw | None:
        manifest = self.frame.holder[0] = decode_object(raw)
        header = header_of(manifest)
        lane = self._lanes.get(header) or self._lane(header)
        lane.objects += 1
        return self._run_decoded(raw, lane, _name(manifest), (event, deleted, position)) if lane.steps else raw

    def _run_decoded(self, raw: Raw, lane: Lane, name: Name | None, at: tuple[int, bool, int]) -> Raw | None:
        """The object in the frame through the steps. `at` is its place, as of a Seen, which costs more."""
        frame, tally, deleted = self.frame, self._tally, at[1]
        tally.decoded += 1
        log: list[Operation] = []
        self._steps(lane, log)
        if frame.skips or frame.findings:
            self._note_words(Seen(*at), name)
        if self._matched:
            _count(self._matches, self._matched)
        if not log:
            if not deleted and name is not None:
                tally.kept.add(name)
                tally.hashes.setdefault(name, None)
            return raw
        _count(self._changes, self._changed)
        after = frame.holder[0]
        if after is None:
            tally.deleted += 1
            tally.headers[lane.header] -= 1
            if name is not None:
                tally.lost.add(name)
            return None
        tally.changed += 1
        self._note_changed(lane.header, after, log, name, deleted)
        return raw if self.only_looks else encode_object(after)

    # ---- the loop ----------------------------------------------------------------------------------------------------

    def _steps(self, lane: Lane, log: list[Operation]) -> None:
        """Every step that concerns the object, in order; after a change of its header those for the new one."""
        frame = self.frame
        if frame.opened:
            frame.opened[:] = [False] * len(frame.opened)
        if lane.script is None:
            turn = self._one_by_one(lane.steps, lane.header, log, is_first=True)
        else:
            turn = lane.script.run(frame, log, self._matched, self._changed)
        if turn is None:
            self._matched -= lane.certain
            return
        # The count of certain rules by header is for objects that run to the end: this one is counted rule by rule.
        lane.moved += 1
        self._matched.update(step.rule for step in lane.steps if step.is_certain and step.index <= turn.index)
        while turn is not None and frame.holder[0] is not None:
            header = header_of(frame.holder[0])
            start = turn.index + 1
            bucket = self.phase.bucket(header, start)
            if not self._may_go_on(bucket):
                self._matched.update(bucket.certain)
                return
            thaw(frame.holder[0])
            turn = self._go_on(header, start, log)

    def _may_go_on(self, bucket: Bucket) -> bool:
        """Whether the steps that are left for the new header can concern the object as it is now."""
        if bucket.words is None:
            return bool(bucket.steps)
        return bool(finder(bucket.words)(bytes(encode_object(self.frame.holder[0]))))

    def _go_on(self, header: Header, start: int, log: list[Operation]) -> CompiledStep | None:
        """Run the steps from number `start` on for the new header of an object."""
        if self._has_scripts:
            return self.phase.script(header, start).run(self.frame, log, self._matched, self._changed)
        return self._one_by_one(self.phase.bucket(header, start).steps, header, log, is_first=False)

    def _one_by_one(
        self, steps: tuple[CompiledStep, ...], header: Header, log: list[Operation], *, is_first: bool
    ) -> CompiledStep | None:
        """Run the steps to the end, or to the one that changed the header or deleted the object, which is returned.
        They are closures, and tell their operations; a script does the same for those who need none.
        """
        frame, matched = self.frame, self._matched
        for step in steps:
            if step.guard is not None and not frame.opened[step.guard]:
                continue
            predicate = step.predicate
            if predicate is not None:
                if not predicate(frame):
                    continue
                matched.add(step.rule)
            elif not (is_first and step.is_certain):
                matched.add(step.rule)
            action = step.action
            if action is None:
                if step.opens is not None:
                    frame.opened[step.opens] = True
                continue
            frame.rule = step.rule
            before = len(log)
            action(frame, log)
            if len(log) != before:
                self._changed.add(step.rule)
                if self.observe is not None:
                    self.observe(step.rule, log[before:])
                if frame.holder[0] is None:
                    return step
                if step.writes_header and header_of(frame.holder[0]) != header:
                    return step
        return None

    # ---- the books ---------------------------------------------------------------------------------------------------

    def _note_words(self, seen: Seen, name: Name | None) -> None:
        """The skips and findings of all steps on one object."""
        frame, tally = self.frame, self._tally
        tally.skipped += bool(frame.skips)
        tally.skips.update(set(frame.skips))
        tally.hits += [Hit(seen, rule, message, name) for rule, message in frame.findings]
        frame.skips.clear()
        frame.findings.clear()

    def _note_changed(
        self, header: Header, after: Json, log: list[Operation], name: Name | None, deleted: bool
    ) -> None:
        """Keep account of whom the object is now, and of the hash of its spec if it is the last one of that name."""
        tally = self._tally
        renamed, has_new_spec = _reach(log)
        now = _name(after) if renamed else name
        if now != name:
            new_header = header_of(after)
            if new_header != header:
                tally.headers[header] -= 1
                tally.headers[new_header] += 1
            if name is not None:
                tally.lost.add(name)
                if now is not None:
                    tally.moved.setdefault(name, {})[now] = None
        if deleted or now is None or self.only_looks:
            return
        if now == name:
            tally.kept.add(now)
        if now in tally.hashes:
            return  # parts of a trace are run from the last event to the first: what was noted is later
        # The hash of a spec that only moved is carried along.
        tally.hashes[now] = spec_hash(after.get("spec")) if has_new_spec else None


def _may_match(gates: tuple[tuple[Chain, ...], ...], probe: Any) -> bool:
    """Whether everything that some step needs is there."""
    for needs in gates:
        for need in needs:
            if not is_present(probe, need):
                break
        else:
            return True
    return False


def _count(counts: list[int], rules: set[int]) -> None:
    """Count each rule once, and forget them."""
    for rule in rules:
        counts[rule] += 1
    rules.clear()


def _name(manifest: Json) -> Name | None:
    metadata = manifest.get("metadata") if isinstance(manifest, dict) else None
    if not isinstance(metadata, dict):
        return None
    words = (manifest.get("apiVersion"), manifest.get("kind"), metadata.get("namespace"), metadata.get("name"))
    return words if all(word is None or isinstance(word, str) for word in words) else None


def _reach(log: list[Operation]) -> tuple[bool, bool]:
    """Whether the operations may have changed whom the object is, and whether they changed its spec."""
    renamed = has_new_spec = False
    for operation in log:
        path = operation.path
        if type(operation) is Move:
            moved, spec_moved = _reach([Remove(operation.source)])
            renamed, has_new_spec = renamed or moved, has_new_spec or spec_moved
        if not path:
            return True, True
        first = path[0]
        if first == "spec":
            has_new_spec = True
        elif first == "metadata":
            renamed = renamed or len(path) == 1 or path[1] in ("name", "namespace")
        elif first in HEADER:
            renamed = True
    return renamed, has_new_spec
