"""Reading the keys of a map with a complaint for whatever does not fit, so that one run tells everything."""

from __future__ import annotations

from collections.abc import Iterable

from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic
from skel.language.nearest import nearest
from skel.language.text import Span
from skel.packs.yaml_nodes import Entries, Items, Node, Scalar


class Fields:
    """The keys of one map. `what` names it in messages ("a case"); complaints go into `found`."""

    def __init__(self, node: Entries, what: str, code: Code, found: list[Diagnostic]) -> None:
        self.node = node
        self.what = what
        self.code = code
        self.found = found

    def only(self, known: Iterable[str]) -> None:
        """Complain of keys that are not known."""
        names = tuple(known)
        for key, _ in self.node.entries:
            if key.text not in names:
                near = nearest(key.text, names)
                hint = f"did you mean `{near}`?" if near else f"known are {', '.join(names)}"
                self.complain(key.span, f"{self.what} has no `{key.text}`", hint)

    def complain(self, span: Span, message: str, hint: str = "") -> None:
        self.found.append(self.code.at(span, message, hint))

    def has(self, key: str) -> bool:
        return self.node.get(key) is not None

    def need(self, key: str, hint: str = "") -> None:
        """Complain if the key is missing; the place is the start of the map."""
        if not self.has(key):
            start = self.node.span.start
            self.complain(Span(self.node.span.source, start, start), f"{self.what} needs `{key}`", hint)

    def text(self, key: str, default: str = "") -> str:
        """A text, just as it is written: `1.30` stays `1.30`."""
        node = self.node.get(key)
        match node:
            case None:
                return default
            case Scalar(text=text) if text.strip():
                return text
            case _:
                self.complain(node.span, f"`{key}` must be a text")
                return default

    def choice(self, key: str, words: Iterable[str]) -> str:
        """One of the words, "" if it is none of them."""
        text = self.text(key)
        known = tuple(words)
        if text and text not in known:
            near = nearest(text, known)
            hint = f"did you mean `{near}`?" if near else ""
            self.complain(self.place(key), f"`{key}` must be one of {', '.join(known)}", hint)
            return ""
        return text

    def items(self, key: str) -> tuple[Node, ...]:
        node = self.node.get(key)
        match node:
            case None:
                return ()
            case Items():
                return node.items
            case Scalar(value=None):
                return ()  # `rules:` with nothing behind it
            case _:
                self.complain(node.span, f"`{key}` must be a list")
                return ()

    def texts(self, key: str) -> tuple[Scalar, ...]:
        """The texts of a list."""
        texts = []
        for item in self.items(key):
            if isinstance(item, Scalar) and item.text.strip():
                texts.append(item)
            else:
                self.complain(item.span, f"`{key}` must be a list of texts")
        return tuple(texts)

    def place(self, key: str) -> Span:
        node = self.node.get(key)
        return node.span if node is not None else self.node.span
