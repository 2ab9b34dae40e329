"""Programs with traces to run them on. A case is a number: many and cheap, and the same number is the same case."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from hypothesis import strategies as st

from skel.language.analyse import analyse_all
from skel.language.text import Source
from tests.oracle_functions import Json
from tests.strategies import first_examples, named_objects, objects
from tests.strategies_programs import write_block, write_program

Writer = Callable[[Callable[[int], int]], str]
TRIES = 50

# Made once, on import: hypothesis can't be asked for examples inside of a test.
POOL = tuple(first_examples(objects, 250))
NAMED_POOL = tuple(first_examples(named_objects(), 120))


class Case(NamedTuple):
    text: str
    events: list[Json]


def short_program(choose: Callable[[int], int]) -> str:
    return write_program(choose, max_statements=3)


def long_program(choose: Callable[[int], int]) -> str:
    return write_program(choose, max_statements=16)


def trace_program(choose: Callable[[int], int]) -> str:
    return write_program(choose, on_trace=True)


def mixed_program(choose: Callable[[int], int]) -> str:
    """Any of the others."""
    return (short_program, short_program, write_block, long_program)[choose(4)](choose)


def any_program(choose: Callable[[int], int]) -> str:
    return (mixed_program, trace_program)[choose(2)](choose)


def cases(writer: Writer, *, named: bool = False) -> st.SearchStrategy[Case]:
    """Cases with programs of that writer. With `named` each object has a header and a name."""
    return st.integers(0, 2**40).map(lambda number: make_case(Random(number), writer, named=named))


def make_case(chance: Random, writer: Writer, *, named: bool = False) -> Case:
    return Case(accepted_program(chance, writer), make_events(chance, NAMED_POOL if named else POOL))


def accepted_program(chance: Random, writer: Writer) -> str:
    """A program to which the checker does not object."""
    texts = (writer(chance.randrange) for _ in range(TRIES))
    return next(text for text in texts if is_accepted(text))


def is_accepted(text: str) -> bool:
    return not analyse_all(Source("<program>", text)).errors


def make_events(chance: Random, pool: Sequence[Json]) -> list[Json]:
    """A few events in order of time, markers among them, some at the same second."""
    ts, events = 1000, []
    for _ in range(chance.choice((1, 1, 2, 3, 4))):
        applied = chance.sample(pool, chance.choice((0, 1, 1, 2)))
        deleted = chance.sample(pool, chance.choice((0, 0, 0, 1)))
        events.append({"ts": ts, "applied_objs": applied, "deleted_objs": deleted})
        ts += chance.choice((0, 1, 30, 600, 3600))
    return events
