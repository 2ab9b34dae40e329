"""Makes an object that a command selects, so that the command can be tried on it.

What can't be made is left out: whoever uses the object looks at what the engine does with it.
"""

from __future__ import annotations

from itertools import pairwise
from types import MappingProxyType

from skel.kube.pod_template import BUILT_IN
from skel.language import ast
from skel.language.text import Source, Span
from skel.lint.canonical import ITEM_ROOT
from skel.lint.claims import UNKNOWN, constant
from skel.lint.kinds import selected
from skel.lint.logic import conjuncts
from skel.lint.regex import sample
from skel.lint.step import Step
from skel.patch.values import Json

_VERSIONS = MappingProxyType({"Pod": "v1", "CronJob": "batch/v1", "Job": "batch/v1", "PodTemplate": "v1"})
_USUAL = "Deployment"
_NOWHERE = Span(Source("", ""), 0, 0)
_NAME = ast.Path(ast.ObjectRoot(), (ast.Key("metadata", _NOWHERE), ast.Key("name", _NOWHERE)), _NOWHERE)
MOST_ITEMS = 20


def witness(step: Step) -> Json:
    """An object with everything that the selector of a command asks for, and with what the command works on."""
    maker = _Maker(_kind_of(step))
    for term in conjuncts(step.held):
        maker.meet(term)
    for path, value in _needed(step):
        maker.put(step.spread(path), value, over=False)
    return maker.finished()


def _kind_of(step: Step) -> str:
    kinds = selected(step.held).kinds
    return min(kinds) if kinds else _USUAL


def _needed(step: Step) -> list[tuple[ast.Path, Json]]:
    match step.command:
        case ast.Replace(path=path, pattern=ast.Literal(value=str(pattern))):
            return [(path, sample(pattern) or "x")]
        case ast.Modify(path=path):
            return [(value, "x") for value in (*step.values, path)]
        case ast.Rename(path=path) | ast.Transfer(source=path):
            return [(path, "x")]
        case ast.Rekey(path=path, old=ast.Literal(value=str(old))):
            return [(path, {old: "x"})]
        case _:
            return []


class _Maker:
    def __init__(self, kind: str) -> None:
        self.kind = kind
        self.object: dict[str, Json] = {}
        self.items: dict[ast.Root, ast.Path] = {}

    def finished(self) -> Json:
        self.put(_NAME, "x", over=False)
        self.object.setdefault("kind", self.kind)
        self.object.setdefault("apiVersion", _VERSIONS.get(self.kind, "apps/v1"))
        return self.object

    # ---- conditions --------------------------------------------------------------------------------------------------

    def meet(self, term: ast.Term) -> None:
        """Put what a canonical condition asks for."""
        match term:
            case ast.And():
                for part in term.terms:
                    self.meet(part)
            case ast.Or():
                self.meet(term.terms[0])
            case ast.Bind():
                self.items[term.variable] = term.path
                self.put(term.path, {}, over=False)
                if term.test is not None:
                    self.items[ITEM_ROOT] = term.path
                    self.meet(term.test)
            case ast.Exists():
                self.put(term.path, "x", over=False)
            case ast.Compare():
                self.compare(term)
            case ast.In():
                values = constant(term.right)
                if isinstance(values, list) and values:
                    self.value(term.left, values[0])
            case ast.Text():
                self.text(term)
            case _:
                pass

    def compare(self, term: ast.Compare) -> None:
        known = term.right.text if isinstance(term.right, ast.Suffixed) else constant(term.right)
        if known is UNKNOWN:
            for side in (term.left, term.right):
                self.value(side, "x")
            return
        match term.operator:
            case "==" | "<=" | ">=":
                self.value(term.left, known)
            case "!=":
                self.value(term.left, f"not-{known}")
            case "<" | ">" if isinstance(known, int | float):
                self.value(term.left, known + (1 if term.operator == ">" else -1))
            case _:
                pass

    def text(self, term: ast.Text) -> None:
        known = constant(term.right)
        if not isinstance(known, str):
            return
        self.value(term.left, (sample(known) or "x") if term.operator == "=~" else known)

    def value(self, value: ast.Value, wanted: Json) -> None:
        """Give a field, or the one below a function, the value that is wanted."""
        match value:
            case ast.Path():
                self.put(value, wanted)
            case ast.Call(function="image", field="tag", arguments=(ast.Path() as path,)):
                self.put(path, f"example.org/x:{wanted}")
            case ast.Call(arguments=(ast.Path() as path, *_)):
                self.put(path, wanted)
            case _:
                pass

    # ---- places ------------------------------------------------------------------------------------------------------

    def put(self, path: ast.Path, value: Json, *, over: bool = True) -> None:
        """Put a value at a place, and what is missing on the way; what is there stays unless `over`."""
        keys = self.keys(path)
        if not keys:
            return
        node: Json = self.object
        for key, following in pairwise(keys):
            inner = _inner(node, key)
            if not isinstance(inner, dict | list):
                inner = [] if isinstance(following, int) else {}
                _set(node, key, inner)
            node = inner
        if over or _inner(node, keys[-1]) is None:
            _set(node, keys[-1], value)

    def keys(self, path: ast.Path) -> list[str | int]:
        """One place that the path reaches: the first item, any key."""
        base: list[str | int] = []
        match path.root:
            case ast.PodRoot(template=template):
                pointer = BUILT_IN.get(self.kind, ("spec", "template"))
                base = [*pointer] if template else [*pointer, "spec"]
            case ast.ObjectRoot():
                pass
            case root if root in self.items and self.items[root].root != root:
                base = self.keys(self.items[root])
            case _:
                return []
        return base + [key for step in path.steps if (key := _key(step)) is not None]


def _key(step: ast.Step) -> str | int | None:
    match step:
        case ast.Key(name=name):
            return int(name) if name.isdigit() and not step.quoted else name
        case ast.Index(value=value):
            return min(max(value, 0), MOST_ITEMS)
        case ast.Each() | ast.Filter():
            return 0
        case ast.Deep():
            return None
        case _:
            return "x"


def _inner(node: Json, key: str | int) -> Json:
    if isinstance(node, list):
        return node[key] if isinstance(key, int) and key < len(node) else None
    return node.get(key) if isinstance(node, dict) else None


def _set(node: Json, key: str | int, value: Json) -> None:
    if isinstance(node, list) and isinstance(key, int):
        node.extend({} for _ in range(key + 1 - len(node)))
        node[key] = value
    elif isinstance(node, dict):
        node[str(key)] = value
