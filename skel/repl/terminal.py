"""Reading what is typed with prompt_toolkit: history, completion, several lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from platformdirs import user_state_path
from prompt_toolkit import PromptSession
from prompt_toolkit.application import get_app
from prompt_toolkit.auto_suggest import AutoSuggestFromHistory
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.filters import Condition
from prompt_toolkit.history import FileHistory, History, InMemoryHistory
from prompt_toolkit.output import ColorDepth

from skel.repl.completion import Completions
from skel.repl.plain import CONTINUED, PROMPT
from skel.repl.typed import is_open


class TerminalCompleter(Completer):
    """Completions as prompt_toolkit asks for them."""

    def __init__(self, completions: Completions) -> None:
        self._completions = completions

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        for typed, text in self._completions.at(document.text_before_cursor):
            yield Completion(text, start_position=-len(typed))


def reader(completions: Completions, *, color: bool) -> Callable[[], str]:
    """A reader for `run`. Raises KeyboardInterrupt and EOFError for Ctrl-C and Ctrl-D."""
    session: PromptSession[str] = PromptSession(
        history=_history(),
        completer=TerminalCompleter(completions),
        complete_while_typing=False,
        auto_suggest=AutoSuggestFromHistory(),
        multiline=Condition(lambda: is_open(get_app().current_buffer.text)),
        prompt_continuation=CONTINUED,
        color_depth=None if color else ColorDepth.DEPTH_1_BIT,
        reserve_space_for_menu=6,
    )
    return lambda: session.prompt(PROMPT)


def history_file() -> Path:
    """Where typed inputs are kept from one session to the next."""
    return user_state_path("skel", appauthor=False) / "repl_history"


def _history() -> History:
    path = history_file()
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
    except OSError:
        return InMemoryHistory()
    return FileHistory(path)
