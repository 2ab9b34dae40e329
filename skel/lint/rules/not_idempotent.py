"""SK117 not-idempotent: a rule that runs twice does not give what it gives once.

`migrate` may run again on objects that were migrated already, and the same object stands in many events of a trace.
What a rule has done, its selector must not select again. Suspicious rules are tried on an object that they select: only
what really happens is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Severity
from skel.lint.file import File
from skel.lint.nodes import below
from skel.lint.places import any_touch
from skel.lint.rule import Bad, Found
from skel.lint.step import Step, first_line
from skel.lint.witness import witness
from skel.patch.values import Json, equal_json

CODE, NAME = Code("SK117", Severity.WARNING), "not-idempotent"
OK = (
    'append(!(metadata.finalizers contains "a/b"), metadata.finalizers, "a/b");',
    'replace(podSpec.containers[*].image, "^k8s\\.gcr\\.io/", "registry.k8s.io/");',
    'modify(!(metadata.name startswith "x-"), metadata.name = concat("x-", metadata.name));',
    'rename(spec.a, "b");',
    "clone(*, 2);",
    'rule "a" { rename(spec.a, "b"); rename(spec.b, "c"); }',
    "modify(metadata.labels.app = lower(metadata.labels.app));",
)
BAD = (
    Bad('append(metadata.finalizers, "a/b");', at='append(metadata.finalizers, "a/b");'),
    Bad('replace(**.image, "^", "mirror/");', at='replace(**.image, "^", "mirror/");'),
    Bad('replace(metadata.name, "web", "web-old");', at='replace(metadata.name, "web", "web-old");'),
    Bad('modify(spec.a = concat("x-", spec.a));', at='modify(spec.a = concat("x-", spec.a));'),
    Bad(
        'rule "a" {\n    rekey(spec, "a", "c");\n    rekey(spec, "b", "a");\n    rekey(spec, "c", "b");\n}',
        at='rekey(spec, "a", "c");',
    ),
)


def check(file: File) -> Found:
    told: set[int] = set()
    for step in file.steps:
        if step.is_own and id(step.home) not in told and _is_suspicious(step, file):
            for found in _proof(step, file):
                told.add(id(step.home))
                yield found


def _is_suspicious(step: Step, file: File) -> bool:
    match step.command:
        case ast.Append() | ast.Replace():
            return True
        case ast.Modify(only_absent=False):
            return any_touch(step.values, _written_in(step, file))
        case ast.Rename() | ast.Rekey() | ast.Transfer():
            return any_touch(step.writes, _written_in(step, file, without=step))
        case _:
            return False


def _written_in(step: Step, file: File, without: Step | None = None) -> tuple[ast.Path, ...]:
    """What the rule of a command writes."""
    return tuple(
        path for other in file.steps if other.home is step.home and other is not without for path in other.writes
    )


def _proof(step: Step, file: File) -> Iterator[Diagnostic]:
    """The complaint, if the rule changes an object again that it has changed."""
    execute = file.setting.execute
    if execute is None:
        return
    module = ast.ResolvedModule((step.home,), file.analysis.module.slots, file.module.span)
    targets = {node.component: node.version for node in below(step.home.commands) if isinstance(node, ast.TargetTest)}
    start = witness(step)
    once = execute(module, [start], targets)
    twice = execute(module, once, targets) if once and once[0] is not None else None
    if not once or not twice or equal_json(once[0], start) or equal_json(once[0], twice[0]):
        return
    places = _difference(once[0], twice[0], "")
    note = f"at `{places[0]}` the first run gives {places[1]}, the second {places[2]}" if places else "it is deleted"
    hint = "it changes again what it has changed"
    yield CODE.at(
        first_line(step.span), "running this twice is not running it once", hint, notes=(note, _way_out(step))
    )


def _way_out(step: Step) -> str:
    match step.command:
        case ast.Append(path=path, value=value):
            return f"a selector that ends it: `!({path.span.text} contains {value.span.text})`"
        case ast.Replace():
            return "let the expression not match what it makes"
        case _:
            return "let the selector not hold for what the rule makes"


def _difference(one: Json, other: Json, place: str) -> tuple[str, str, str] | None:
    """The first place at which two objects differ, with both values as text."""
    if isinstance(one, dict) and isinstance(other, dict):
        for key in dict.fromkeys((*one, *other)):
            if not equal_json(one.get(key), other.get(key)):
                return _difference(one.get(key), other.get(key), f"{place}.{key}".removeprefix("."))
    if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
        for number, (left, right) in enumerate(zip(one, other, strict=True)):
            if not equal_json(left, right):
                return _difference(left, right, f"{place}[{number}]")
    return None if other is None and not place else (place, _text(one), _text(other))


def _text(value: Json) -> str:
    text = "nothing" if value is None else f'"{value}"' if isinstance(value, str) else str(value).replace("'", '"')
    return text if len(text) <= 60 else f"{text[:57]}..."
