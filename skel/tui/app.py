"""The explorer as a program of the terminal."""

from __future__ import annotations

import gc

from textual.app import App

from skel.repl.session import Session
from skel.report.terminal import Paint
from skel.tui.explorer import Explorer
from skel.tui.screen import Check, Main


class ExplorerApp(App[None]):
    """`skel explore`. The colours are those of the terminal, so that it fits dark and light ones; NO_COLOR is honoured
    by the library.
    """

    ENABLE_COMMAND_PALETTE = False

    def __init__(self, session: Session, check: Check | None = None) -> None:
        super().__init__(ansi_color=True)
        self.title = "skel explore"
        self.explorer = Explorer(session)
        # The rows of a big trace stay as long as we do: the collector need not walk over them again and again.
        gc.freeze()
        self._check = check

    def on_mount(self) -> None:
        self.push_screen(Main(self.explorer, self._check, Paint(True)))

    @property
    def defect(self) -> Exception | None:
        """What ended the program, if it was not the person."""
        return self._exception

    def _fatal_error(self) -> None:
        """The library would print a page of code and values, secrets among them; `explore` raises the error instead."""
        self._close_messages_no_wait()


def explore(session: Session, check: Check | None = None) -> None:
    """Open the explorer; return when the person leaves. Raises what is wrong with the explorer itself."""
    app = ExplorerApp(session, check)
    app.run()
    if app.defect is not None:
        raise app.defect
