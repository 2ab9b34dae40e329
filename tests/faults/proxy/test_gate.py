from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from skel.faults.proxy.frames import BOOKMARK, Frame
from skel.faults.proxy.gate import MOST_TURNS, Gate


def frame(number: int, event: str = "MODIFIED") -> Frame:
    return Frame(str(number).encode(), event, revision=number)


def numbers(frames: list[Frame]) -> list[int]:
    return [it.revision for it in frames]


class LegalFaults(RuleBasedStateMachine):
    """Whatever the legal faults are: what is delivered is what came, in order, and in the end all of it."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = Gate()
        self.came: list[int] = []
        self.delivered: list[int] = []
        self.events: set[int] = set()
        self.may_pass: int | None = None
        """Events that a held gate may still let through; None if it is not held."""
        self.ended = False

    @precondition(lambda self: not self.ended)
    @rule(is_bookmark=st.booleans())
    def push(self, is_bookmark: bool) -> None:
        self.came.append(len(self.came) + 1)
        if not is_bookmark:
            self.events.add(self.came[-1])
        self.gate.push(frame(self.came[-1], BOOKMARK if is_bookmark else "ADDED"))

    @rule()
    def hold(self) -> None:
        self.gate.hold()
        self.may_pass = 0

    @rule()
    def release(self) -> None:
        self.gate.release()
        self.may_pass = None

    @rule(frames=st.integers(1, 4))
    def credit(self, frames: int) -> None:
        self.gate.credit(frames)
        if self.may_pass is not None:
            self.may_pass += frames

    @rule(frames=st.integers(0, 3))
    def lag(self, frames: int) -> None:
        self.gate.lag(frames)

    @rule()
    def end(self) -> None:
        self.gate.end()
        self.ended = True

    @rule()
    def deliver(self) -> None:
        found = numbers(list(self.gate.passing()))
        self.delivered += found
        if self.may_pass is not None:
            self.may_pass -= len(self.events.intersection(found))
            assert self.may_pass >= 0, "more than it had credit for"

    @invariant()
    def in_order(self) -> None:
        assert self.delivered == self.came[: len(self.delivered)]

    @invariant()
    def the_end_comes_last(self) -> None:
        if self.gate.is_at_end:
            assert self.ended
            assert self.delivered == self.came

    def teardown(self) -> None:
        self.gate.release()
        self.delivered += numbers(list(self.gate.passing()))
        assert self.delivered == self.came, "something was lost"


TestLegalFaults = LegalFaults.TestCase


def test_credit_given_to_an_open_gate_does_not_leak_into_a_later_hold() -> None:
    gate = Gate()
    gate.credit(3)
    gate.hold()
    gate.push(frame(1))
    assert not gate.is_passable
    gate.credit(1)
    assert numbers(list(gate.passing())) == [1]


def test_credit_left_over_does_not_survive_a_release() -> None:
    gate = Gate()
    gate.hold()
    gate.credit(5)
    gate.release()
    gate.hold()
    gate.push(frame(1))
    assert list(gate.passing()) == []


def test_a_bookmark_waits_for_its_turn_and_costs_nothing() -> None:
    gate = Gate()
    gate.hold()
    for number, event in ((1, BOOKMARK), (2, "ADDED"), (3, BOOKMARK), (4, "ADDED")):
        gate.push(frame(number, event))
    assert list(gate.passing()) == []
    gate.credit(1)
    assert numbers(list(gate.passing())) == [1, 2]
    gate.credit(1)
    assert numbers(list(gate.passing())) == [3, 4]


def test_the_end_of_a_stream_is_held_like_anything_else() -> None:
    gate = Gate()
    gate.hold()
    gate.end()
    assert not gate.is_at_end
    gate.release()
    assert gate.is_at_end


@given(st.integers(0, 5), st.integers(0, 12))
def test_a_lagging_gate_delivers_all_but_the_last(lag: int, count: int) -> None:
    gate = Gate()
    gate.lag(lag)
    for number in range(count):
        gate.push(frame(number))
    assert len(list(gate.passing())) == max(0, count - lag)
    gate.end()
    assert len(list(gate.passing())) == min(lag, count)
    assert gate.is_at_end


@given(st.integers(1, 4), st.integers(0, 8))
def test_illegal_faults_lose_or_turn_exactly_what_was_asked(frames: int, count: int) -> None:
    dropping, turning = Gate(), Gate()
    dropping.drop(frames)
    turning.reorder(frames)
    for number in range(count):
        dropping.push(frame(number))
        turning.push(frame(number))
    dropping.end()
    turning.end()
    assert numbers(list(dropping.passing())) == list(range(count))[frames:]
    expected = [*reversed(range(min(frames, count))), *range(frames, count)]
    assert numbers(list(turning.passing())) == expected


class ByTurns(LegalFaults):
    """The same laws where everything held passes by turns: one event a turn, and turns until the end deliver all."""

    def __init__(self) -> None:
        super().__init__()
        self.gate.by_turns = True
        self.turns = 0

    @precondition(lambda self: self.gate.next_frame is not None)
    @rule()
    def turn(self) -> None:
        self.gate.next_turn()
        found = numbers(list(self.gate.passing()))
        assert len(self.events.intersection(found)) <= 1
        self.delivered += found
        if self.may_pass is not None:
            self.may_pass -= len(self.events.intersection(found))
            assert self.may_pass >= 0

    def teardown(self) -> None:
        self.release()
        while self.gate.next_frame is not None:
            self.turn()
        super().teardown()


TestByTurns = ByTurns.TestCase


def test_what_was_held_passes_by_turns_and_what_comes_meanwhile_behind_it() -> None:
    gate = Gate(by_turns=True)
    gate.hold()
    gate.push(frame(1))
    gate.push(frame(2))
    gate.release()
    assert list(gate.passing()) == []
    gate.next_turn()
    assert numbers(list(gate.passing())) == [1]
    gate.push(frame(3))
    for wanted in (2, 3):
        assert gate.next_frame == frame(wanted)
        gate.next_turn()
        assert numbers(list(gate.passing())) == [wanted]
    gate.push(frame(4))
    assert numbers(list(gate.passing())) == [4], "nothing is left of the hold"


def all_turns(gate: Gate) -> list[list[int]]:
    """What passes with each turn, until nothing waits for one."""
    passed = []
    while gate.next_frame is not None:
        gate.next_turn()
        passed.append(numbers(list(gate.passing())))
    return passed


def test_neighbouring_frames_of_one_object_and_generation_pass_together() -> None:
    gate = Gate(by_turns=True)
    gate.hold()
    for number, (name, generation) in enumerate(zip("aabbbaabb", (1, 1, 1, 1, 1, 1, 2, 0, 0), strict=True), start=1):
        gate.push(replace(frame(number), name=name, generation=generation))
    gate.credit(2)
    assert all_turns(gate) == [[1, 2], [3, 4, 5]]
    gate.release()
    assert all_turns(gate) == [[6], [7], [8], [9]]


def test_a_hold_takes_back_the_turns_that_were_not_used() -> None:
    gate = Gate(by_turns=True)
    gate.hold()
    gate.push(frame(1))
    gate.push(frame(2))
    gate.credit(2)
    gate.next_turn()
    assert numbers(list(gate.passing())) == [1]
    gate.hold()
    assert gate.next_frame is None
    assert list(gate.passing()) == []


def test_a_crowd_does_not_wait_for_turns() -> None:
    gate = Gate(by_turns=True)
    gate.hold()
    for number in range(MOST_TURNS + 1):
        gate.push(frame(number))
    gate.release()
    assert len(list(gate.passing())) == MOST_TURNS + 1
