"""YAML as people write it: values and many ways to lay them out, with comments; and changes to such values."""

from __future__ import annotations

import copy
from typing import Any

from hypothesis import strategies as st

from skel.manifests.composed import compose
from skel.manifests.words import word
from skel.patch.operations import Add, Copy, Move, Operation, Remove, Replace, apply
from skel.patch.pointer import Pointer

Json = Any

WORDS = ("app", "web", "v1", "apps/v1", "nginx:1.25", "on", "12", "0.5", "--flag=x", "a: b", "a #b", "true", "", "null")
ODD = ("ünïcode", "😀", "tab\there", "'single'", '"double"', " spaced ", "2024-01-01", "- x", "{a}", "0x1F", "*", "~")
LONG = ("one\ntwo\n", "one\n\n  two", "#!/bin/sh\necho a: b # c\n", "x\n\n", "\nx")
texts = st.sampled_from(WORDS + ODD + LONG)
scalars = texts | st.integers(-5, 5) | st.booleans() | st.none() | st.just(1.5)
keys = st.sampled_from(("a", "b", "c", "name", "app.kubernetes.io/name", "on", "1", "x y", "#k"))


def values(inner: st.SearchStrategy[Json]) -> st.SearchStrategy[Json]:
    return st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=4)


nested = st.recursive(scalars, values, max_leaves=12)
objects = st.dictionaries(keys, nested, min_size=1, max_size=5)


class Writer:
    """Writes a value in a layout that is drawn piece by piece."""

    def __init__(self, draw: st.DrawFn) -> None:
        self.draw = draw
        self.dash = draw(st.sampled_from((0, 2)))

    def chance(self) -> bool:
        return self.draw(st.integers(0, 3)) == 0

    def comment(self, indent: str) -> list[str]:
        if not self.chance():
            return []
        return self.draw(
            st.sampled_from(([f"{indent}# about: this"], [""], ["", f"{indent}# - more"], [f"{indent}   # deep"]))
        )

    def behind(self) -> str:
        return self.draw(st.sampled_from((" # why", "  #x: y", "", " "))) if self.chance() else ""

    def scalar(self, value: Json, *, flow: bool = False) -> str:
        if not isinstance(value, str) or not value.isprintable():
            return word(value, flow=flow)
        return word(value, style=self.draw(st.sampled_from(("", "'", '"'))), flow=flow)

    def flow(self, value: Json) -> str:
        space = " " if self.chance() else ""
        match value:
            case dict():
                inner = ", ".join(f"{self.scalar(key, flow=True)}: {self.flow(item)}" for key, item in value.items())
                return "{" + space + inner + space + "}"
            case list():
                return "[" + space + ", ".join(map(self.flow, value)) + space + "]"
            case _:
                return self.scalar(value, flow=True)

    def entries(self, value: dict[str, Json], column: int) -> list[str]:
        indent = " " * column
        lines: list[str] = []
        for key, item in value.items():
            head, rest = self.behind_key(item, column)
            lines += self.comment(indent)
            lines += [f"{indent}{self.scalar(key)}:{head}", *rest]
        return lines

    def items(self, value: list[Json], column: int) -> list[str]:
        indent = " " * column
        lines: list[str] = []
        for item in value:
            lines += self.comment(indent)
            if isinstance(item, dict) and item and not self.chance():
                inner = self.entries(item, column + 2)
                while inner and not inner[0].strip().strip("#"):
                    inner.pop(0)
                first = next(i for i, line in enumerate(inner) if line.strip() and not line.strip().startswith("#"))
                lines += [f"{indent}- {inner[first].lstrip()}", *inner[first + 1 :]]
                continue
            head, rest = self.behind_key(item, column)
            lines += [f"{indent}-{head}", *rest]
        return lines

    def behind_key(self, value: Json, column: int) -> tuple[str, list[str]]:
        match value:
            case dict() if value and not self.chance():
                return self.behind(), self.entries(value, column + self.draw(st.sampled_from((2, 2, 4))))
            case list() if value and not self.chance():
                return self.behind(), self.items(value, column + max(self.dash, 0))
            case dict() | list():
                return " " + self.flow(value) + self.behind(), []
            case str() if "\n" in value and value.strip(" \n") and value[0] not in " \n" and not self.chance():
                return self.block(value, column)
            case None if self.chance():
                return self.behind(), []
            case _:
                return " " + self.scalar(value) + self.behind(), []

    def block(self, value: str, column: int) -> tuple[str, list[str]]:
        body = value.rstrip("\n")
        ends = len(value) - len(body)
        header = ("|-", "|", "|+")[min(ends, 2)]
        indent = " " * (column + 2)
        lines = [indent + line if line else "" for line in body.split("\n")]
        return f" {header}", lines + [""] * (ends - 1)


@st.composite
def documents(draw: st.DrawFn) -> tuple[str, Json]:
    """A text with one document, and its value: a comment may have become a line of a text above it."""
    writer = Writer(draw)
    head = draw(st.sampled_from(("", "# head\n", "---\n", "# head\n\n--- # doc\n", "\n")))
    text = head + "\n".join(writer.entries(draw(objects), 0)) + draw(st.sampled_from(("\n", "", "\n# end\n", "\n\n")))
    text = text.replace("\n", "\r\n") if draw(st.integers(0, 5)) == 0 else text
    return text, compose(text)[0].value


def paths(value: Json, here: Pointer = ()) -> list[Pointer]:
    found = [here]
    match value:
        case dict():
            for key, item in value.items():
                found += paths(item, (*here, key))
        case list():
            for number, item in enumerate(value):
                found += paths(item, (*here, number))
    return found


def at(value: Json, path: Pointer) -> Json:
    for token in path:
        value = value[token]
    return value


@st.composite
def operations(draw: st.DrawFn, value: Json) -> list[Operation]:
    """Some changes that fit, each to what the ones before it left."""
    value = copy.deepcopy(value)
    done: list[Operation] = []
    for _ in range(draw(st.integers(1, 4))):
        operation = draw(operation_on(value))
        value = apply(value, [operation])
        done.append(operation)
    return done


@st.composite
def operation_on(draw: st.DrawFn, value: Json) -> Operation:
    below = [path for path in paths(value) if path]
    kind = draw(st.sampled_from(("add", "remove", "replace", "move", "copy")))
    if not below or kind == "add":
        return Add(draw(new_place(value)), draw(nested))
    path = draw(st.sampled_from(below))
    if kind == "remove":
        return Remove(path)
    if kind == "replace":
        return Replace(path, draw(nested))
    if kind == "copy":
        return Copy(path, draw(new_place(value)))
    rest = apply(copy.deepcopy(value), [Remove(path)])
    target = draw(new_place(rest))
    # Into itself is no move.
    return Remove(path) if target[: len(path)] == path else Move(path, target)


@st.composite
def new_place(draw: st.DrawFn, value: Json) -> Pointer:
    """Where something can be put."""
    containers = [path for path in paths(value) if isinstance(at(value, path), dict | list)]
    parent = draw(st.sampled_from(containers))
    found = at(value, parent)
    if isinstance(found, dict):
        return (*parent, draw(keys))
    return (*parent, draw(st.integers(0, len(found)) | st.just("-")))
