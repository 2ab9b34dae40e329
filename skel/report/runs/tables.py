"""Figures side by side for a terminal, and the parts that several texts share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from textwrap import wrap

from skel.findings.secret_text import redact_text
from skel.replay.outcomes import Group, Turn
from skel.replay.tolerances import Compared, Judgement
from skel.report.findings.view import View
from skel.report.runs import words
from skel.report.terminal import printable

WIDEST = 120
_STYLES = {
    Judgement.WORSE: ("red", "bold"),
    Judgement.BETTER: ("green",),
    Judgement.OTHER: ("yellow",),
    Judgement.WITHIN: ("dim",),
}
_HEAD = ("", "before", "after", "change", "tolerance")


def figures(measures: Iterable[Compared], view: View) -> Iterator[str]:
    """A table with a heading for each group."""
    groups = list(words.grouped(measures))
    rows = [row(one) for _, entries in groups for one in entries]
    if not rows:
        return
    wide = [max(len(cells[column]) for cells in (_HEAD, *rows)) for column in range(len(_HEAD))]
    wide[0] = min(max(wide[0] + 2, *(len(title) for title, _ in groups)), 60)
    yield view.paint(_line(_HEAD, wide), "dim") + "\n"
    for title, entries in groups:
        yield f"{view.paint(title, 'bold')}\n"
        for one in entries:
            styles = _STYLES.get(one.judgement, ())
            cells = row(one)
            word = str(one.judgement) if one.judgement.is_difference or one.judgement is Judgement.WITHIN else ""
            yield f"{_line((f'  {cells[0]}', *cells[1:]), wide)}  {view.paint(word, *styles)}".rstrip() + "\n"


def row(one: Compared) -> tuple[str, str, str, str, str]:
    unit = one.measure.unit
    title = safe(words.measure_title(one.measure))
    return title, words.band(one.before, unit), words.band(one.after, unit), words.change(one), words.tolerance(one)


def _line(cells: tuple[str, ...], wide: list[int]) -> str:
    name, *values = cells
    if len(name) > wide[0]:
        name = f"{name[: wide[0] - 1]}…"
    return "  ".join(
        [f"{name:<{wide[0]}}", *(f"{value:>{width}}" for value, width in zip(values, wide[1:], strict=True))]
    )


def group_lines(group: Group, view: View) -> Iterator[str]:
    """What became of the requests, why, and whom it concerns."""
    style = {"error": "red", "warning": "yellow", "info": "green"}[words.worst(group.turn)]
    count = f"{group.requests:,} request{'' if group.requests == 1 else 's'}"
    yield f"{view.paint(words.turned(group), style, 'bold')}  {safe(words.about(group))}, {count}\n"
    if group.turn is not Turn.ACCEPTED:
        yield from prose(words.said(group.answer), 2, view)
    if group.answer.rule:
        yield f"  {view.paint('rule', 'dim')} {safe(group.answer.rule)}\n"
    for number, (thing, seen) in enumerate(group.objects.items()):
        if number == words.FEW:
            rest = len(group.objects) - words.FEW
            yield f"    and {rest:,}{' or more' if group.more else ''} other objects\n"
            return
        name = view.paint(safe(words.object_name(thing)), "bold")
        yield f"    {name}  {view.paint(words.when(seen.time, seen.times), 'dim')}\n"


def labelled(pairs: Iterable[tuple[str, str]], view: View) -> Iterator[str]:
    """Labels lined up, each with its texts; what is empty is left out."""
    found = [(label, text) for label, text in pairs if text]
    wide = max((len(label) for label, _ in found), default=0)
    last = ""
    for label, text in found:
        shown = "" if label == last else label
        last = label
        for part in wrapped(text, view.width - wide - 2):
            yield f"{view.paint(f'{shown:<{wide}}', 'dim')}  {part}\n"
            shown = ""


def prose(text: str, indent: int, view: View, *styles: str) -> Iterator[str]:
    for line in wrapped(text, view.width - indent):
        yield f"{' ' * indent}{view.paint(line, *styles)}\n"


def wrapped(text: str, width: int) -> list[str]:
    """Lines that fit; a word that does not fit stays whole, so that it can be copied."""
    room = max(20, min(width, WIDEST))
    return wrap(safe(text), room, break_long_words=False, break_on_hyphens=False)


def safe(text: str) -> str:
    """What a server or a trace says, without secrets and without a way to speak to the terminal."""
    return printable(redact_text(" ".join(text.split())))
