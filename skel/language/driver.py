"""The LALR automaton: tokens to a tree, with recovery.

Where it can't go on it asks for advice: a token to put in or to leave out, or else the rest of the statement is left
out, up to the next `;` or the end of the block. So one mistake hides nothing behind it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from skel.language.tables import Production, Tables
from skel.language.tree import Node, Part, Token

Value = Part | list[Part]
"""A node, a token, or the parts of a spliced rule."""

# A tree deeper than this would exhaust the stack of those who walk it.
DEEPEST = 160
BLOCK_WORDS = ("WHEN", "RULE", "DEFINE")


@dataclass(slots=True)
class Trouble:
    """The automaton can't go on at `tokens[at]`.

    `expected` are the terminals that it could take; `opened` the brackets that are open in this statement, `begun`
    its first token; `too_deep` if it could go on but will not.
    """

    tokens: list[Token]
    at: int
    expected: frozenset[str]
    opened: tuple[Token, ...]
    begun: Token | None
    too_deep: bool = False

    @property
    def token(self) -> Token:
        return self.tokens[self.at]

    @property
    def before(self) -> Token | None:
        return self.tokens[self.at - 1] if self.at else None


@dataclass(frozen=True, slots=True)
class Advice:
    """Tokens to take instead of the next `dropped` ones; `resume` if the statement is lost and the next begins
    there.
    """

    instead: tuple[Token, ...] = ()
    dropped: int = 0
    resume: bool = False


Advise = Callable[[Trouble], Advice | None]
"""Report the trouble and say how to mend it, or None to leave the statement out. It may change the tokens from `at`
on.
"""


class Driver:
    """One parse. `root` is the tree when `run` is done."""

    def __init__(self, tables: Tables, tokens: list[Token], advise: Advise) -> None:
        self.tables = tables
        self.tokens = tokens
        self.advise = advise
        self.at = 0
        self.states = [tables.start]
        self.values: list[Value] = []
        self.starts: list[int] = []

    def run(self) -> Node:
        """The tree of the whole text. Never raises, and ends: each mend takes a token, puts in a missing one or
        leaves some out.
        """
        states, rows, productions = self.states, self.tables.states, self.tables.productions
        end = self.tables.end
        last = 0
        while True:
            token = self.tokens[self.at]
            row = rows[states[-1]]
            action = row.get(token.kind)
            if action is None and token.text in self.tables.keywords:
                action = row.get("NAME")
                if action is not None:
                    token.kind = "NAME"
            if action is None:
                self._mend(too_deep=False)
            elif action >= 0 and len(states) > DEEPEST and token.kind != "RBRACE":
                self._mend(too_deep=True)
            elif action >= 0:
                states.append(action)
                self.values.append(token)
                self.starts.append(token.start)
                last = token.end
                self.at += 1
            else:
                self._reduce(productions[-1 - action], last)
                if states[-1] == end:
                    root = self.values[0]
                    assert isinstance(root, Node)
                    return root

    def _reduce(self, production: Production, last: int) -> None:
        states, values, size = self.states, self.values, production.size
        if size == 1 and production.passes:
            states[-1] = self.tables.states[states[-2]][production.name]
            return
        start = self.starts[-size] if size else last
        parts: list[Part] = []
        for value, kept in zip(values[len(values) - size :], production.kept, strict=True):
            if isinstance(value, list):
                # The parts of a repetition: taken over, not copied, or long lists would take quadratic time.
                parts = value if not parts else [*parts, *value]
            elif kept:
                parts.append(value)
        if size:
            del states[-size:], values[-size:], self.starts[-size:]
        states.append(self.tables.states[states[-1]][production.name])
        self.starts.append(start)
        if production.spliced:
            values.append(parts)
        elif production.passes and len(parts) == 1:
            values.append(parts[0])
        else:
            values.append(Node(production.name, parts, start, last))

    # ---- recovery ----------------------------------------------------------------------------------------------------

    def _mend(self, *, too_deep: bool) -> None:
        floor = self._statement_floor()
        begun = self.values[floor] if floor < len(self.values) else None
        opened = tuple(v for v in self.values[floor:] if isinstance(v, Token) and v.kind in ("LPAR", "LSQB", "LBRACE"))
        trouble = Trouble(
            self.tokens, self.at, self._expected(), opened, begun if isinstance(begun, Token) else None, too_deep
        )
        advice = self.advise(trouble)
        if advice is None or (advice.resume and floor == len(self.values)):
            self._leave_out(floor, None if too_deep else trouble.begun)
        elif advice.resume:
            self._cut(floor)
        else:
            self.tokens[self.at : self.at + advice.dropped] = advice.instead

    def _statement_floor(self) -> int:
        """How many values lie below the statement that is being read."""
        rows = self.tables.states
        return next(i for i in range(len(self.states) - 1, -1, -1) if "statement" in rows[self.states[i]])

    def _expected(self) -> frozenset[str]:
        row = self.tables.states[self.states[-1]]
        return frozenset(kind for kind in row if (kind.isupper() or kind == "$END") and self._would_take(kind))

    def _would_take(self, kind: str) -> bool:
        """Whether the automaton would shift that terminal, after all reductions that come first."""
        states = list(self.states)
        rows, productions = self.tables.states, self.tables.productions
        while True:
            action = rows[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                return True
            production = productions[-1 - action]
            if production.size:
                del states[-production.size :]
            if states[-1] == self.tables.start and production.name == "start":
                return True
            states.append(rows[states[-1]][production.name])

    def _cut(self, floor: int) -> None:
        del self.states[floor + 1 :], self.values[floor:], self.starts[floor:]

    def _leave_out(self, floor: int, begun: Token | None) -> None:
        """Forget the statement and go on behind it. Of a block with a broken head the body is still read."""
        self._cut(floor)
        brace = self._brace(begun) if begun is not None and begun.kind in BLOCK_WORDS else None
        if brace is not None:
            here = self.tokens[brace].start
            head = (Token("WHEN", "when", here, here), Token("STAR", "*", here, here))
            self.tokens[brace:brace] = head
            self.at = brace
            return
        can_close = "RBRACE" in self.tables.states[self.states[-1]]
        self.at = self._behind(can_close=can_close)
        token = self.tokens[self.at]
        if token.kind == "$END" and can_close:
            self.tokens.insert(self.at, Token("RBRACE", "", token.start, token.start))

    def _brace(self, begun: Token) -> int | None:
        """The `{` that opens the block of the head at hand, which may have been taken for that of a map."""
        start = self.at
        while self.tokens[start] is not begun:
            start -= 1
        for i in range(start, len(self.tokens)):
            if self.tokens[i].kind == "LBRACE":
                return i
            if self.tokens[i].kind in ("SEMICOLON", "RBRACE"):
                return None
        return None

    def _behind(self, *, can_close: bool) -> int:
        """The token behind the statement: after its `;`, after its block, or at the `}` around it."""
        depth, in_block = 0, False
        for i in range(self.at, len(self.tokens)):
            match self.tokens[i].kind:
                case "SEMICOLON" if not depth:
                    return i + 1
                case "SEMICOLON":
                    in_block = True
                case "LBRACE":
                    depth += 1
                case "RBRACE" if depth:
                    depth -= 1
                    if not depth and in_block:
                        return i + 1
                case "RBRACE" if can_close:
                    return i
                case _:
                    pass
        return len(self.tokens) - 1
