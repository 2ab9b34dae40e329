"""One object through the steps of one phase."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from msgspec import Raw

from skel.compiler.frame import Frame
from skel.compiler.needs import Chain, is_present
from skel.compiler.program import BoundPhase, Bucket, CompiledStep, Header
from skel.compiler.transfer import follow_bindings
from skel.engine.tally import Hit, Seen, Tally
from skel.patch.operations import Move, Operation
from skel.patch.values import Json
from skel.trace.codec import decode_object, encode_object
from skel.trace.identity import Identity, identity, identity_of
from skel.trace.index import spec_hash

Observer = Callable[[int, list[Operation]], None]
"""Called with a rule and the operations that it did to the object at hand."""

HEADER_KEYS = frozenset({"apiVersion", "kind", "metadata"})


class ObjectRunner:
    """Runs one phase on objects one by one, and counts. `observe` hears of each rule that changed the object."""

    def __init__(self, phase: BoundPhase, frame: Frame, observe: Observer | None = None) -> None:
        self.phase = phase
        self.frame = frame
        self.observe = observe
        self.tally = Tally()
        self._probe = phase.probe.decoder.decode

    def run(self, raw: Raw, seen: Seen) -> Raw | None:
        """The object after the phase: `raw` itself if nothing changed, None if it was deleted."""
        tally = self.tally
        tally.objects += 1
        try:
            probe = self._probe(raw)
        except (msgspec.MsgspecError, ValueError, RecursionError):
            return self._run_odd(raw, seen)  # a header of odd types: no short cut
        header: Header = (probe.apiVersion, probe.kind)
        tally.headers[header] += 1
        bucket = self.phase.bucket(header)
        if not bucket.steps:
            return raw
        tally.runs[header] += 1
        who = _identity(probe)
        if bucket.gates is not None and not _may_match(bucket.gates, probe):
            self._note_unchanged(who, seen)
            return raw
        return self._run_decoded(raw, bucket, header, who, seen)

    def _run_odd(self, raw: Raw, seen: Seen) -> Raw | None:
        manifest = decode_object(raw)
        header: Header = (_word(manifest, "apiVersion"), _word(manifest, "kind"))
        self.tally.headers[header] += 1
        bucket = self.phase.bucket(header)
        if not bucket.steps:
            return raw
        self.tally.runs[header] += 1
        return self._run_decoded(raw, bucket, header, identity_of(manifest), seen)

    def _run_decoded(self, raw: Raw, bucket: Bucket, header: Header, who: Identity | None, seen: Seen) -> Raw | None:
        self.tally.decoded += 1
        self.frame.holder[0] = decode_object(raw)
        log = self._steps(bucket, header, seen, who)
        after = self.frame.holder[0]
        if not log:
            self._note_unchanged(who, seen)
            return raw
        if after is None:
            self._note_deleted(header, who)
            return None
        self.tally.changed += 1
        self._note_changed(header, after, log, who, seen)
        return encode_object(after)

    # ---- the loop ----------------------------------------------------------------------------------------------------

    def _steps(self, bucket: Bucket, header: Header, seen: Seen, who: Identity | None) -> list[Operation]:
        """Every step that concerns the object, in order; after one that changed its header, those for the new
        header.
        """
        frame, work = self.frame, _Work()
        if frame.opened:
            frame.opened[:] = [False] * len(frame.opened)
        steps = bucket.steps
        while (turn := self._pass(steps, header, work, seen, who)) is not None:
            if work.certain_by_header:
                # The count by header held for the old one only: from here on, rule by rule.
                work.certain_by_header = False
                self.tally.runs[header] -= 1
                work.matched.update(step.rule for step in steps if step.is_certain and step.index <= turn.index)
            header = _header(frame.holder[0])
            steps = self.phase.bucket(header, turn.index + 1).steps
        self._count(work)
        return work.log

    def _pass(
        self, steps: Iterable[CompiledStep], header: Header, work: _Work, seen: Seen, who: Identity | None
    ) -> CompiledStep | None:
        """Run the steps to the end, or to the step that changed the header, which is returned."""
        frame, log = self.frame, work.log
        for step in steps:
            predicate = step.predicate
            if (step.guard is not None and not frame.opened[step.guard]) or (predicate and not predicate(frame)):
                continue
            if not (step.is_certain and work.certain_by_header):
                work.matched.add(step.rule)
            if step.action is None:
                if step.opens is not None:
                    frame.opened[step.opens] = True
                continue
            before = len(log)
            self._act(step, log) if step.follows else step.action(frame, log)
            if len(log) != before:
                work.changed.add(step.rule)
                if self.observe is not None:
                    self.observe(step.rule, log[before:])
            if frame.skips or frame.findings:
                self._note_words(step.rule, seen, who)
            if frame.holder[0] is None:
                return None
            if step.writes_header and _header(frame.holder[0]) != header:
                return step
        return None

    def _act(self, step: CompiledStep, log: list[Operation]) -> None:
        """Inside a `when` with variables: let them follow their items through what the action did."""
        frame, start = self.frame, len(log)
        before = [list(places) for places in frame.bindings]
        assert step.action is not None
        step.action(frame, log)
        if frame.holder[0] is not None and len(log) > start:
            frame.bindings[:] = before
            follow_bindings(frame, log, start)

    # ---- the books ---------------------------------------------------------------------------------------------------

    def _count(self, work: _Work) -> None:
        self.tally.matched_by_rule.update(work.matched)
        self.tally.changed_by_rule.update(work.changed)

    def _note_words(self, rule: int, seen: Seen, who: Identity | None) -> None:
        """Skips and findings of the step that has just run."""
        frame, tally = self.frame, self.tally
        tally.skipped += bool(frame.skips)
        for reason in dict.fromkeys(frame.skips):
            tally.skips[rule, reason] += 1
        tally.hits += [Hit(seen, rule, message, who) for message in frame.findings]
        frame.skips.clear()
        frame.findings.clear()

    def _note_unchanged(self, who: Identity | None, seen: Seen) -> None:
        if who is not None and not seen.deleted:
            self.tally.kept.add(who)
            self.tally.hashes.setdefault(who, None)

    def _note_deleted(self, header: Header, who: Identity | None) -> None:
        self.tally.deleted += 1
        self.tally.headers[header] -= 1
        if who is not None:
            self.tally.lost.add(who)

    def _note_changed(
        self, header: Header, after: Json, log: list[Operation], who: Identity | None, seen: Seen
    ) -> None:
        """Keep account of whom the object is now, and of the hash of its spec if it is the last one of that name."""
        tally = self.tally
        keys = _top_keys(log)
        now = identity_of(after) if keys is None or not keys.isdisjoint(HEADER_KEYS) else who
        if now != who:
            new_header = _header(after)
            if new_header != header:
                tally.headers[header] -= 1
                tally.headers[new_header] += 1
            if who is not None:
                tally.lost.add(who)
                if now is not None:
                    tally.moved.setdefault(who, {})[now] = None
        if now is None or seen.deleted:
            return
        if now == who:
            tally.kept.add(now)
        if now in tally.hashes:
            return  # parts of a trace are run from the last event to the first: what was noted is later
        has_new_spec = now != who or keys is None or "spec" in keys
        tally.hashes[now] = spec_hash(after.get("spec")) if has_new_spec else None


class _Work:
    """What the steps did to one object."""

    __slots__ = ("certain_by_header", "changed", "log", "matched")

    def __init__(self) -> None:
        self.log: list[Operation] = []
        self.matched: set[int] = set()
        self.changed: set[int] = set()
        self.certain_by_header = True


def _may_match(gates: tuple[tuple[Chain, ...], ...], probe: Any) -> bool:
    """Whether everything that some step needs is there."""
    for chains in gates:
        for chain in chains:
            if not is_present(probe, chain):
                break
        else:
            return True
    return False


def _identity(probe: Any) -> Identity | None:
    """The identity of a probed object; None if its header or its name is missing."""
    names = probe.metadata
    return None if names is None else identity(probe.apiVersion, probe.kind, names.namespace, names.name)


def _word(manifest: Json, key: str) -> str | None:
    word = manifest.get(key) if isinstance(manifest, dict) else None
    return word if isinstance(word, str) else None


def _header(manifest: Json) -> Header:
    return _word(manifest, "apiVersion"), _word(manifest, "kind")


def _top_keys(log: list[Operation]) -> set[str | int] | None:
    """The top-level keys below which something changed; None if the object itself was replaced."""
    if not all(operation.path for operation in log):
        return None
    keys = {operation.path[0] for operation in log}
    return keys | {operation.source[0] for operation in log if type(operation) is Move}
