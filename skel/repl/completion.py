"""What could stand at the cursor: orders, commands, functions, and what occurs in the trace."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property
from types import MappingProxyType
from typing import NamedTuple

from skel.compiler.functions import FUNCTIONS, MEASURES
from skel.language.builder_commands import FORMS
from skel.query.path_text import ANY_ITEM
from skel.repl.paths_seen import PathTree, Sights
from skel.repl.typed import without_strings

BLOCKS = ("when", "rule", "define", "param", "import")
WORDS = ("exists", "known", "in", "contains", "startswith", "endswith", "true", "false", "null", "target", "image")

_POD_ROOTS: MappingProxyType[str, list[str]] = MappingProxyType({"podTemplate": [], "podSpec": [".spec"]})
"""Steps below a pod template."""

_VALUE = re.compile(r'\b(?P<key>kind|apiVersion)\s*(?:==|!=|!==|=)\s*(?P<typed>"[^"]*)?$')
_STATEMENT = re.compile(r"(?:^|[;{}])\s*\w*$")
_STEP = re.compile(r'\.(?:"[^"]*"|[\w-]+)|\[(?:"[^"]*"|\*|-?\d+)\]')
# The path that ends at the cursor, its last step perhaps without its end.
_PATH = re.compile(r'(?P<root>\$\w+|@|[A-Za-z_][\w-]*)?(?P<steps>(?:\.(?:"[^"]*"?|[\w-]*)|\[(?:\*|-?\d*)\]?)*)$')
_WHOLE_PATH = r'[A-Za-z_][\w-]*(?:\.(?:"[^"]*"|[\w-]+)|\[[*\d]+\])*'
_FILTER = re.compile(rf"(?P<path>{_WHOLE_PATH})\[\?\([^\]]*$")


class Candidate(NamedTuple):
    """`text` may take the place of `typed`, the end of the text before the cursor."""

    typed: str
    text: str


class Completions:
    """Completes a text up to the cursor. `look` is called when something of the trace is wanted for the first time."""

    def __init__(self, look: Callable[[], Sights], orders: Iterable[str]) -> None:
        self._look = look
        self.orders = tuple(orders)

    @cached_property
    def sights(self) -> Sights:
        return self._look()

    def at(self, text: str) -> list[Candidate]:
        """What could stand at the end of the text."""
        bare = text.lstrip()
        if bare.startswith(":"):
            return [Candidate(bare, order) for order in self.orders if order.startswith(bare) and order != bare]
        if value := _VALUE.search(text):
            return list(self._header_values(value["key"], value["typed"] or ""))
        path = _PATH.search(text)
        assert path is not None, "an empty path is a path"
        if _ends_inside_string(text[: path.start()]):
            return []
        words = [] if path["steps"] else self._words(text, path["root"] or "")
        return list(dict.fromkeys((*words, *self._paths(text, path["root"] or "", path["steps"]))))

    def _header_values(self, key: str, typed: str) -> Iterator[Candidate]:
        known = self.sights.kinds if key == "kind" else self.sights.api_versions
        return (Candidate(typed, f'"{name}"') for name in known if f'"{name}"'.startswith(typed))

    def _words(self, text: str, typed: str) -> list[Candidate]:
        if not typed:
            return []
        commands = (*FORMS, *BLOCKS) if _STATEMENT.search(text) else ()
        known = (*commands, *WORDS, *FUNCTIONS, *MEASURES, *_POD_ROOTS)
        return [Candidate(typed, word) for word in known if word.startswith(typed) and word != typed]

    # ---- paths -------------------------------------------------------------------------------------------------------

    def _paths(self, text: str, root: str, typed: str) -> Iterator[Candidate]:
        """Paths one step on. `podSpec`, `@` and `$x` stay what they are, and stand for places in the trace."""
        is_key = not (root in _POD_ROOTS or root.startswith(("$", "@")))
        start = self.sights.paths if is_key else self._place(text, root)
        steps, last = _cut(f".{root}{typed}" if is_key else typed)
        place = start.at(steps) if start is not None else None
        for step, below in place.below.items() if place is not None else ():
            for found in (step, f"{step}{ANY_ITEM}") if ANY_ITEM in below.below else (step,):
                if _begins(found, last) and found != last:
                    # The first key of a path stands without its dot.
                    yield Candidate(last[1:], found[1:]) if is_key and not steps else Candidate(last, found)

    def _place(self, text: str, root: str) -> PathTree | None:
        """Where a path with this root begins."""
        if root == "@":
            around = _FILTER.search(text)
            return self._whole(f"{around['path']}{ANY_ITEM}") if around else None
        if root.startswith("$"):
            bound = re.findall(rf"{re.escape(root)}\s*:=\s*({_WHOLE_PATH})", text)
            return self._whole(bound[-1]) if bound else None
        return self.sights.templates.at(_POD_ROOTS[root])

    def _whole(self, path: str) -> PathTree | None:
        """The place that a path without an open end reaches."""
        root = re.split(r"[.\[]", path, maxsplit=1)[0]
        if root in _POD_ROOTS:
            return self.sights.templates.at([*_POD_ROOTS[root], *_cut(f"{path.removeprefix(root)}.")[0]])
        return self.sights.paths.at(_cut(f".{path}.")[0])


def _cut(typed: str) -> tuple[list[str], str]:
    """The steps that are complete, and the one that may go on. Any item stands for each."""
    steps, end = [], 0
    while match := _STEP.match(typed, end):
        steps.append(ANY_ITEM if match[0].startswith("[") and '"' not in match[0] else match[0])
        end = match.end()
    rest = typed[end:]
    if not rest and steps and steps[-1].startswith("."):
        rest = steps.pop()
    return steps, rest


def _begins(step: str, typed: str) -> bool:
    """Whether the step goes on with what was typed; the quotes come by themselves."""
    return step.replace('"', "").startswith(typed.replace('"', ""))


def _ends_inside_string(text: str) -> bool:
    rest = without_strings(text)
    return '"' in rest or "'" in rest
