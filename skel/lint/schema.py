"""What the schemas of Kubernetes say of the places that a program names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from skel.kube.fields import Field, root
from skel.kube.release import lookup, minors
from skel.language import ast
from skel.language.text import Span
from skel.lint.file import Setting
from skel.lint.kinds import gvks_of
from skel.lint.nodes import below
from skel.lint.places import keys_of
from skel.lint.step import Step

ALWAYS_THERE = (("kind",), ("apiVersion",), ("metadata",), ("metadata", "name"))

_POD = ("v1", "Pod")
_POD_TEMPLATE = ("v1", "PodTemplate")


@dataclass(frozen=True, slots=True)
class Tree:
    """The field tree of a kind in a minor; `name` is what messages call it."""

    name: str
    field: Field


@dataclass(frozen=True, slots=True)
class Lost:
    """A tree has nothing for the step of that number; `at` is the last field that it has."""

    tree: Tree
    number: int
    at: Field


@dataclass(frozen=True)
class Schemas:
    """The schemas that hold for the objects of a command, in the releases of a setting.

    All versions of a kind count, because an object may be rewritten; `exact`: those alone that the selector names.
    """

    step: Step
    setting: Setting
    exact: bool = False

    def fields(self, path: ast.Path) -> tuple[Field, ...]:
        """What may stand at a place, in each version that has it; empty if nothing is known."""
        found = [self._walk(tree, path) for tree in self.trees(path)]
        return tuple(dict.fromkeys(field for field in found if isinstance(field, Field)))

    def lost(self, path: ast.Path) -> Lost | None:
        """Where a path leaves every version of every kind that the command is for, None if it leads somewhere."""
        furthest: Lost | None = None
        for tree in self.trees(path):
            found = self._walk(tree, path)
            if not isinstance(found, Lost):
                return None
            if furthest is None or found.number > furthest.number:
                furthest = found
        return furthest

    def trees(self, path: ast.Path) -> Iterator[Tree]:
        """The trees in which a path from the object or its pods is looked up, none if its kind is not known."""
        match path.root:
            case ast.ObjectRoot() if keys_of(path) in ALWAYS_THERE:
                return
            case ast.ObjectRoot() if self._gvks is not None:
                for gvk in sorted(self._gvks):
                    yield from self._versions(gvk, gvk[1])
            case ast.ObjectRoot() if _begins_with(path, "metadata"):
                yield from self._versions(_POD, "objects")
            case ast.PodRoot(template=template):
                for tree in self._versions(_POD_TEMPLATE, "pod templates" if template else "pod specs"):
                    inner = tree.field.fields.get("template")
                    spec = inner if template or inner is None else inner.fields.get("spec")
                    if spec is not None:
                        yield Tree(tree.name, spec)
            case _:
                return

    def full(self, path: ast.Path) -> ast.Path:
        """The path from the object on, whether it starts at a variable or at the item of a filter."""
        while isinstance(path.root, ast.ItemRoot) and path.span in self._items:
            base = self._items[path.span]
            path = ast.Path(base.root, base.steps + path.steps, base.span)
        return self.step.spread(path)

    @cached_property
    def _gvks(self) -> frozenset[tuple[str, str]] | None:
        return gvks_of(self.step.held, exact=self.exact)

    @cached_property
    def _items(self) -> Mapping[Span, ast.Path]:
        """What `@` stands for, by the place of the path that begins with it."""
        found: dict[Span, ast.Path] = {}
        for path in below((self.step.around, self.step.command)):
            for number, step in enumerate(path.steps if isinstance(path, ast.Path) else ()):
                if isinstance(path, ast.Path) and isinstance(step, ast.Filter):
                    base = ast.Path(path.root, path.steps[: number + 1], path.span)
                    found |= {item.span: base for item in below(step.test) if _is_item(item)}
        return found

    def _versions(self, gvk: tuple[str, str], name: str) -> Iterator[Tree]:
        """The trees of a kind, newest first, without those that are the same."""
        seen = set()
        for minor in reversed(between(self.setting)):
            field = root(*gvk, minor) if lookup(*gvk, minor) is not None else None
            if field is not None and field not in seen:
                seen.add(field)
                yield Tree(name, field)

    def _walk(self, tree: Tree, path: ast.Path) -> Field | Lost | None:
        """The field at the end of a path; None if that can't be told."""
        at = tree.field
        for number, step in enumerate(path.steps):
            found = _child(at, step)
            if not isinstance(found, Field):
                return Lost(tree, number, at) if found is None else None
            at = found
        return at


class Unclear:
    """A step whose field can't be told."""


def _child(field: Field, step: ast.Step) -> Field | Unclear | None:
    """The field that a step leads to, None if there is no such."""
    match step:
        case _ if field.type == "any":
            return Unclear()
        case ast.Deep():
            return Unclear()
        case ast.NamedKey() | ast.AnyKey():
            return field.values or (Unclear() if field.fields or isinstance(step, ast.NamedKey) else None)
        case ast.Key(name=name):
            is_index = name.isdigit() and not step.quoted
            return field.fields.get(name) or field.values or (field.items if is_index else None)
        case _:
            return field.items


def between(setting: Setting) -> tuple[str, ...]:
    """The minors from the source to the target, all that are known where none is given."""
    known = minors()
    first = known.index(setting.source) if setting.source else 0
    last = known.index(setting.target) if setting.target else len(known) - 1
    return known[first : last + 1]


def is_always_there(schemas: Schemas, path: ast.Path) -> bool:
    """Whether every object has something at a place: by convention, or because each version requires it."""
    if keys_of(path) in ALWAYS_THERE:
        return True
    # What lies above may be absent, unless it is an item, which is there or is not looked at.
    last = max((n for n, step in enumerate(path.steps) if not isinstance(step, ast.Key)), default=-1)
    ways = [ast.Path(path.root, path.steps[:number], path.span) for number in range(last + 2, len(path.steps) + 1)]
    found = [schemas.fields(way) for way in ways]
    return bool(found) and all(fields and all(field.required for field in fields) for fields in found)


def _begins_with(path: ast.Path, key: str) -> bool:
    return bool(path.steps) and isinstance(path.steps[0], ast.Key) and path.steps[0].name == key


def _is_item(node: object) -> bool:
    return isinstance(node, ast.Path) and isinstance(node.root, ast.ItemRoot)
