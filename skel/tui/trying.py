"""The SKEL prompt: what a selector finds, and what a rule would change, while it is typed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from skel.language.diagnostic import SkelError
from skel.language.render import render
from skel.repl import view
from skel.repl.session import Session, Trial, found_at
from skel.repl.typed import Sort, understand
from skel.report.diff import heading, manifest_diff
from skel.report.terminal import Paint
from skel.trace.errors import TraceError
from skel.tui.details import open_to_all

_MOST_HITS = 500
_MOST_CHANGES = 50
EMPTY = (
    'Type a selector, such as  kind == "Deployment" && spec.replicas > 3',
    'or a command, such as     modify(kind == "CronJob", apiVersion = "batch/v1");',
    "",
    "What it hits is shown as you type. Enter keeps the changes of a command in this view; nothing is written.",
)


@dataclass(frozen=True, slots=True)
class Answer:
    """Lines to show; the trial if a command was tried that would change something."""

    lines: tuple[str, ...]
    trial: Trial | None = None


def try_out(session: Session, text: str, paint: Paint) -> Answer:
    """What there is to say of a text that may be unfinished. Never raises for what is wrong with it."""
    typed = understand(text, session.definitions.texts)
    try:
        match typed.sort:
            case Sort.SELECTOR:
                return Answer(tuple(_hits(session, typed.text, paint)))
            case Sort.PROGRAM:
                return _program(session, typed.text, paint)
            case _:
                return Answer(EMPTY)
    except SkelError as error:
        return Answer(tuple(render(error.diagnostics, color=paint.color).rstrip().splitlines()))
    except TraceError as error:
        hint = (f"  {paint('help', 'cyan')}: {error.hint}",) if error.hint else ()
        return Answer((f"{paint('error', 'red', 'bold')}: {error.message}", *hint))


def _hits(session: Session, selector: str, paint: Paint) -> Iterator[str]:
    hits = session.find(selector)
    yield paint(view.found_heading(hits), "bold")
    for hit in hits[:_MOST_HITS]:
        yield f"  {view.found_line(found_at(session.trace, hit), paint)}"
    if len(hits) > _MOST_HITS:
        yield paint(f"  ... and {len(hits) - _MOST_HITS:,} more; `/ where ...` filters the timeline by it", "dim")


def _program(session: Session, text: str, paint: Paint) -> Answer:
    trial = session.attempt(text)
    if trial is None:
        return Answer((paint("defined", "bold"),))
    lines = [*view.trial_heading(trial, paint), *_changes(trial, paint)]
    return Answer(tuple(lines), trial if trial.changes.summary.has_changes else None)


def _changes(trial: Trial, paint: Paint) -> Iterator[str]:
    for change in islice(trial.changes.objects(), _MOST_CHANGES):
        yield ""
        yield heading(change, paint)
        before, after = (None if raw is None else open_to_all(raw) for raw in (change.before, change.after))
        yield from manifest_diff(before, after, paint)
    rest = view.items_of(trial.changes.summary) - _MOST_CHANGES
    if rest > 0:
        yield ""
        yield paint(f"... and {rest:,} more objects", "dim")
