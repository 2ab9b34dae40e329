"""Every key of the explorer, once: the screens bind them, `?` shows them, and the page in docs/ is made of them."""

from __future__ import annotations

from typing import NamedTuple


class Key(NamedTuple):
    """`names` as textual calls them, the name of the action, and what it does. `shown` is how people write the keys."""

    names: str
    action: str
    help: str
    shown: str
    label: str = ""
    """A word for the last line of the screen; empty for a key that is not shown there."""
    is_urgent: bool = False
    """Whether it acts before anything typed after it: the letters behind `/` are for the prompt that it opens."""


KEYS = (
    Key("up,k", "move(-1)", "the row before", "↑ k"),
    Key("down,j", "move(1)", "the row after", "↓ j"),
    Key("pageup,ctrl+b", "page(-1)", "a page up", "PgUp"),
    Key("pagedown,ctrl+f,space", "page(1)", "a page down", "PgDn Space"),
    Key("home,g", "edge(-1)", "the first row", "Home g"),
    Key("end,G", "edge(1)", "the last row", "End G"),
    Key("left_square_bracket", "version(-1)", "the version before, of the same object", "["),
    Key("right_square_bracket", "version(1)", "the next version of the same object", "]"),
    Key("n", "finding(1)", "the next row with a finding", "n"),
    Key("N", "finding(-1)", "the row with a finding before", "N"),
    Key("1", "tab(0)", "the manifest", "1"),
    Key("2", "tab(1)", "the difference to the version before", "2"),
    Key("3", "tab(2)", "all versions of the object", "3"),
    Key("4", "tab(3)", "lifetimes of its pods", "4"),
    Key("5", "tab(4)", "what a check found", "5"),
    Key("tab", "next_tab", "the next of these", "Tab", "pane"),
    Key("J,shift+down", "scroll(1)", "scroll the pane down", "J"),
    Key("K,shift+up", "scroll(-1)", "scroll the pane up", "K"),
    Key("right,l", "aside(1)", "to the right in the pane", "→ l"),
    Key("left,h", "aside(-1)", "to the left in the pane", "← h"),
    Key("enter", "zoom", "the pane alone, and back", "Enter", "zoom"),
    Key("slash", "filter", "filter: kind:Deployment ns:shop name:cart* words where SELECTOR", "/", "filter", True),
    Key("e", "skel", "try a selector or a rule: hits and diff as you type", "e", "SKEL", True),
    Key("u", "undo", "take back the rule that was kept last", "u"),
    Key("w", "write", "write the rules that were kept to a file", "w", is_urgent=True),
    Key("escape", "back", "out of what is open; else show everything again", "Esc"),
    Key("question_mark", "help", "these keys", "?", "keys"),
    Key("q", "quit", "leave", "q", "quit"),
    Key("ctrl+c", "stop", "close the prompt; else leave", "Ctrl+C", is_urgent=True),
)
