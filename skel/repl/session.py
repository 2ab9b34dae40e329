"""The state behind the prompt: the trace as it is now, what was applied to it, and what is only tried."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from msgspec import Raw

from skel.engine.change import Changes, reference
from skel.engine.tally import Seen
from skel.language.text import Source
from skel.program import Program, compile_sources
from skel.repl.definitions import Definitions, take_apart
from skel.repl.typed import NAME
from skel.storage.store import is_same_file
from skel.tools.selecting import find
from skel.trace.model import Trace
from skel.trace.reference import ObjectReference


@dataclass(frozen=True, slots=True)
class Settings:
    """What programs are compiled with: versions of `target`s, the key of `pseudonym`."""

    targets: Mapping[str, str] = field(default_factory=dict)
    secret: bytes = b""


@dataclass(frozen=True, slots=True)
class Found:
    """An object that a selector matches."""

    object: ObjectReference
    manifest: Raw


@dataclass(frozen=True, slots=True)
class Trial:
    """A program, and what it would make of the trace."""

    text: str
    program: Program
    trace: Trace
    changes: Changes


@dataclass(frozen=True, slots=True)
class Applied:
    """A program that was applied, and the trace before it."""

    text: str
    before: Trace


class Session:
    """A trace under work. Nothing is written but by `save`."""

    def __init__(self, trace: Trace, settings: Settings | None = None) -> None:
        self.trace = trace
        self.name = trace.name
        self.settings = settings or Settings()
        self.applied: list[Applied] = []
        self.trial: Trial | None = None
        self.definitions = Definitions()
        self.is_saved = True

    def find(self, selector: str) -> list[Seen]:
        """Where the objects are that the selector matches. Raises SkelError, and TraceError for unreadable objects."""
        settings = self.settings
        return find(
            self.trace,
            selector,
            definitions=str(self.definitions),
            targets=settings.targets,
            secret=settings.secret,
            name=NAME,
        )

    def attempt(self, text: str) -> Trial | None:
        """Run a program without keeping the result; None if there are only definitions in it, which are kept.

        Raises SkelError, and TraceError for what ends a run.
        """
        self.trial = None
        parts = take_apart(text)
        program = self._compile(Source(NAME, f"{text}\n{self.definitions.without(parts.definitions)}"))
        self.definitions.texts |= parts.definitions
        if program.rules:
            trace, changes = program.apply(self.trace)
            self.trial = Trial(parts.rest, program, trace, changes)
        return self.trial

    def apply(self) -> Trial | None:
        """Keep the result of the last trial; None if there is none."""
        trial, self.trial = self.trial, None
        if trial is not None:
            self.applied.append(Applied(trial.text, self.trace))
            self.trace = trial.trace
            self.is_saved = False
        return trial

    def undo(self) -> Applied | None:
        """Take back what was applied last; None if nothing was."""
        if not self.applied:
            return None
        last = self.applied.pop()
        self.trace, self.trial = last.before, None
        self.is_saved = not self.applied
        return last

    def program_text(self) -> str:
        """Everything that was applied, in order, as one program text."""
        texts = [str(self.definitions), *(f"{applied.text}\n" for applied in self.applied)]
        return "".join(texts)

    def save(self, path: str) -> None:
        """Write the trace as it is now. Raises TraceError."""
        self.trace.save(path)
        self.is_saved = True

    def is_input(self, path: str) -> bool:
        """Whether a path, by whatever name, is the file that was opened."""
        return is_same_file(path, self.name)

    def _compile(self, source: Source) -> Program:
        return compile_sources(
            [source],
            targets=self.settings.targets,
            secret=self.settings.secret,
        )


def found_at(trace: Trace, seen: Seen) -> Found:
    """The object at a place of a trace."""
    event = trace.events[seen.event]
    raw = (event.deleted_objs if seen.deleted else event.applied_objs)[seen.position]
    return Found(reference(raw, event, seen), raw)
