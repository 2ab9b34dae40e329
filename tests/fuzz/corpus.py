"""The seeds: programs and traces of the strategies that the laws use, the same ones each time."""

from __future__ import annotations

from tests.laws.running import pack
from tests.strategies import event_lists, first_examples
from tests.strategies_programs import programs as program_texts

COUNT = 40


def programs() -> list[bytes]:
    return [text.encode() for text in first_examples(program_texts(on_trace=True), COUNT)]


def traces() -> list[bytes]:
    return [pack(events) for events in first_examples(event_lists(), COUNT)]
