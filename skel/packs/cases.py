"""`<rule>.cases.yaml`: what a rule makes of an object; test, documentation and example at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from skel.kube.version import version_key
from skel.language.diagnostic import Diagnostic
from skel.language.text import Span
from skel.packs.codes import CASE
from skel.packs.fields import Fields
from skel.packs.manifest import read_text
from skel.packs.yaml_nodes import Entries, Items, Node, Scalar, Unreadable, plain, read_node
from skel.patch.values import Json

Manifest = dict[str, Json]
Parameter = str | int | float | bool

KEYS = (
    "name",
    "before",
    "after",
    "unchanged",
    "finding",
    "error",
    "target",
    "parameters",
    "others",
    "repeatable",
)
ENDINGS = ("after", "unchanged", "finding", "error")


@dataclass(frozen=True, slots=True)
class Expected:
    """What the rule does. `after` holds the objects that are left: one, none, or all of the trace if `is_whole`.

    None where the object stays as it is. `finding` and `error` are parts of a message, "" for none.
    """

    after: tuple[Manifest, ...] | None = None
    is_whole: bool = False
    finding: str = ""
    error: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """One example. `target` is empty for the release in which the rule begins; `others` are in the same trace.

    `repeatable` is False where running the rule again goes on changing things, as it may in a transform.
    """

    name: str
    before: Manifest
    expected: Expected
    target: str = ""
    parameters: dict[str, Parameter] = field(default_factory=dict)
    others: tuple[Manifest, ...] = ()
    repeatable: bool = True
    span: Span = field(compare=False, kw_only=True)

    @property
    def is_quiet(self) -> bool:
        """Whether it shows what the rule leaves alone."""
        return self.expected == Expected()


def read_cases(file: Path) -> tuple[tuple[Case, ...], tuple[Diagnostic, ...]]:
    """The cases of a file, and everything that is wrong in it; no file, no cases. Never raises."""
    if not file.exists():
        return (), ()
    source, wrong = read_text(file)
    if source is None:
        return (), wrong
    try:
        node = read_node(source)
    except Unreadable as error:
        return (), (error.diagnostic,)
    found: list[Diagnostic] = []
    match node:
        case Items():
            cases = [case for item in node.items if (case := _case(item, found)) is not None]
        case _:
            cases = []
            found.append(CASE.at(Span(source, 0, 0), "cases are a list: each begins with `- name:`"))
    _check_names(cases, found)
    return tuple(cases), tuple(found)


def _check_names(cases: list[Case], found: list[Diagnostic]) -> None:
    first: dict[str, Case] = {}
    for case in cases:
        other = first.setdefault(case.name, case)
        if other is not case:
            line, _ = other.span.source.position(other.span.start)
            found.append(CASE.at(case.span, f"the name `{case.name}` is used twice", f"first in line {line}"))


def _case(node: Node, found: list[Diagnostic]) -> Case | None:
    """The case, None if what it says makes no case."""
    if not isinstance(node, Entries):
        found.append(CASE.at(_start(node), "a case is a map that begins with `name:`"))
        return None
    before = len(found)
    fields = Fields(node, "a case", CASE, found)
    fields.only(KEYS)
    fields.need("name")
    fields.need("before", "the object that the rule meets")
    _check_ending(fields)
    try:
        case = Case(
            name=fields.text("name"),
            before=_manifest(fields, "before"),
            expected=_expected(fields),
            target=_target(fields),
            parameters=_parameters(fields),
            others=tuple(_object(fields, item, "others") for item in fields.items("others")),
            repeatable=_flag(fields, "repeatable", default=True),
            span=fields.place("name") if fields.has("name") else _start(node),
        )
    except Unreadable as error:
        found.append(error.diagnostic)
    return case if len(found) == before else None


def _start(node: Node) -> Span:
    return Span(node.span.source, node.span.start, node.span.start)


def _check_ending(fields: Fields) -> None:
    """One thing is expected; a finding may come with a change."""
    endings = [key for key in ENDINGS if fields.has(key)]
    if not endings:
        fields.complain(_start(fields.node), f"a case needs one of {', '.join(f'`{key}`' for key in ENDINGS)}")
    elif len(endings) > 1 and endings != ["after", "finding"]:
        fields.complain(fields.place(endings[-1]), f"`{endings[0]}` and `{endings[-1]}` exclude each other")
    if fields.has("unchanged") and not _flag(fields, "unchanged", default=False):
        fields.complain(fields.place("unchanged"), "`unchanged` can only be true", "write `after` for a change")


def _expected(fields: Fields) -> Expected:
    finding, error = fields.text("finding"), fields.text("error")
    match fields.node.get("after"):
        case None:
            return Expected(None, False, finding, error)
        case Scalar(value=None):
            return Expected((), False, finding, error)
        case Items(items=items):
            return Expected(tuple(_object(fields, item, "after") for item in items), True, finding, error)
        case _:
            return Expected((_manifest(fields, "after"),), False, finding, error)


def _manifest(fields: Fields, key: str) -> Manifest:
    node = fields.node.get(key)
    return {} if node is None else _object(fields, node, key)


def _object(fields: Fields, node: Node, key: str) -> Manifest:
    value = plain(node)
    if isinstance(value, dict) and value:
        return value
    fields.complain(_start(node), f"`{key}` must be an object: a map with apiVersion and kind")
    return {}


def _flag(fields: Fields, key: str, *, default: bool) -> bool:
    node = fields.node.get(key)
    if node is None:
        return default
    if isinstance(node, Scalar) and isinstance(node.value, bool):
        return node.value
    fields.complain(node.span, f"`{key}` must be true or false")
    return default


def _target(fields: Fields) -> str:
    text = fields.text("target")
    if text and version_key(text) is None:
        fields.complain(fields.place("target"), "`target` must be a version such as 1.25")
    return text


def _parameters(fields: Fields) -> dict[str, Parameter]:
    node = fields.node.get("parameters")
    if node is None:
        return {}
    if not isinstance(node, Entries):
        fields.complain(node.span, "`parameters` must be a map of names and values")
        return {}
    values: dict[str, Parameter] = {}
    for key, value in node.entries:
        if isinstance(value, Scalar) and value.value is not None:
            values[key.text] = value.value
        else:
            fields.complain(value.span, f"the parameter `{key.text}` must be a text, a number or a boolean")
    return values
