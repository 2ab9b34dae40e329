"""Paths with `[*]` as loops, for generated functions."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from skel.compiler.paths import Context, object_steps
from skel.compiler.script_tests import Tests
from skel.compiler.sheet import Keys
from skel.compiler.walk import is_plain
from skel.language import ast


@dataclass(frozen=True, slots=True)
class Way:
    """A path of plain keys and `[*]`: the keys before each `[*]`, and those behind the last one."""

    runs: tuple[Keys, ...]
    tail: Keys


@dataclass(frozen=True, slots=True)
class Loop:
    """The items that a variable is bound to: `test` is about `item`, `hits` is the list of those that pass."""

    slot: int
    way: Way
    item: str
    test: str
    hits: str


def way_of(path: ast.Path, context: Context) -> Way | None:
    """The way from the object's root, if the path is a single one of plain keys and at least one `[*]`."""
    ways = object_steps(path, context) or ()
    if len(ways) != 1:
        return None
    runs: list[Keys] = []
    keys: list[str] = []
    for step in ways[0]:
        if isinstance(step, ast.Each):
            runs.append(tuple(keys))
            keys = []
        elif isinstance(step, ast.Key) and is_plain(step):
            keys.append(step.name)
        else:
            return None
    return Way(tuple(runs), tuple(keys)) if runs and runs[0] else None


@contextmanager
def each_array(tests: Tests, way: Way) -> Iterator[str]:
    """A loop over the innermost arrays of the way; gives the name of the array."""
    sheet = tests.sheet
    array = sheet.array(way.runs[0])
    with ExitStack() as blocks:
        for run in way.runs[1:]:
            item, inner = sheet.fresh("item"), sheet.fresh("items")
            maps, last = tests.descent(item, run[:-1]) if run else ([], item)
            found = f"{last}.get({run[-1]!r})" if run else item
            blocks.enter_context(sheet.block(f"for {item} in {array}:"))
            blocks.enter_context(sheet.block(f"if {' and '.join([*maps, f'type({inner} := {found}) is list'])}:"))
            array = inner
        yield array


@contextmanager
def each_item(tests: Tests, way: Way, item: str) -> Iterator[None]:
    """A loop over the items of the innermost arrays of the way."""
    with each_array(tests, way) as array, tests.sheet.block(f"for {item} in {array}:"):
        yield
