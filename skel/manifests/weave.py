"""Entries that stay, go and come, woven into one text with what stood between them."""

from __future__ import annotations

from dataclasses import dataclass

from skel.manifests.slots import Slot


@dataclass(frozen=True, slots=True)
class Kept:
    """An entry in its old place, with its new text."""

    slot: Slot
    body: str


@dataclass(frozen=True, slots=True)
class Dropped:
    slot: Slot


@dataclass(frozen=True, slots=True)
class New:
    body: str


Part = Kept | Dropped | New


def weave_block(text: str, parts: list[Part], newline: str, column: int) -> str | None:
    """The lines of a map or list in block style; None if nothing is left."""
    if all(isinstance(part, Dropped) for part in parts):
        return None
    line = newline + " " * column
    woven = ""
    for part in parts:
        match part:
            case Kept(slot, body):
                between = text[slot.before : slot.start]
                woven += (between if woven else between.lstrip()) if between else line if woven else ""
                woven += body
            case Dropped(slot):
                # Comments that are not its own stay.
                between = text[slot.before : slot.own].rstrip()
                woven += between if woven else between.lstrip()
            case New(body):
                woven += (line if woven else "") + body
    return woven


def weave_flow(text: str, bounds: tuple[int, int], parts: list[Part], column: int) -> str:
    """A map or list in flow style, from bracket to bracket."""
    start, end = bounds
    slots = [part.slot for part in parts if isinstance(part, Kept | Dropped)]
    opening, closing = text[start], text[end - 1]
    if slots:
        opening, closing = text[start : slots[0].start], text[slots[-1].end : end]
    if not parts:
        return text[start:end]
    if all(isinstance(part, Dropped) for part in parts):
        return text[start] + text[end - 1]
    comma = f",\n{' ' * column}" if "\n" in opening else ", "
    woven = ""
    for part in parts:
        match part:
            case Kept(slot, body):
                woven += (text[slot.before : slot.start] or comma if woven else "") + body
            case New(body):
                woven += (comma if woven else "") + body
            case Dropped():
                pass
    return opening + woven + closing
