"""SK130 unknown-field: no served version of the kind has this field.

A selector on such a path never holds, and what is written there is refused by the API server, or dropped. Every version
of the kind counts that lies between the releases of the run, so that a rewrite may name the fields of both sides.
Custom resources are not looked into, but for `metadata` and for the places of pods.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Edit, Fix, Safety, Severity
from skel.language.nearest import nearest
from skel.lint.elsewhere import way_to
from skel.lint.field_types import KINDS
from skel.lint.file import File
from skel.lint.nodes import below
from skel.lint.places import bare, shown
from skel.lint.rule import Bad, Found
from skel.lint.schema import Lost, Schemas
from skel.lint.step import Step, is_inside

CODE, NAME = Code("SK130", Severity.WARNING), "unknown-field"
OK = (
    'remove(kind == "CronJob", spec.jobTemplate.spec.template.spec.nodeSelector);',
    'move(kind == "Ingress" && apiVersion == "networking.k8s.io/v1beta1", spec.backend, spec.defaultBackend);',
    'remove(kind == "Certificate", spec.anything);',
    'modify(kind == "ConfigMap", data.anything = "x");',
    "remove(podSpec.containers[*].resources.limits.cpu);",
)
BAD = (
    Bad(
        'remove(kind == "CronJob", spec.template.spec.nodeSelector);',
        at="template",
        fixed='remove(kind == "CronJob", spec.jobTemplate.spec.template.spec.nodeSelector);',
    ),
    Bad(
        'modify(kind == "Deployment", spec.replica = 3);',
        at="replica",
        fixed='modify(kind == "Deployment", spec.replicas = 3);',
    ),
    Bad(
        "remove(metadata.lables.app);",
        at="lables",
        fixed="remove(metadata.labels.app);",
    ),
    Bad(
        'delete($c := podSpec.containers[*] | $c.imagePolicy == "Always");',
        at="imagePolicy",
    ),
    Bad(
        'delete(podSpec.containers[?(@.nam == "a")].image == "b");',
        at="nam",
        fixed='delete(podSpec.containers[?(@.name == "a")].image == "b");',
    ),
    Bad('remove(kind == "Service", spec.type.name);', at="name"),
)


def check(file: File) -> Found:
    for step in file.own_steps():
        schemas = Schemas(step, file.setting)
        for path in _paths(step):
            full = schemas.full(path)
            lost = schemas.lost(full)
            # What a variable is bound to is complained of where it is bound.
            if lost is not None and is_inside(full.steps[lost.number].span, path.span):
                yield _complaint(full, lost)


def _paths(step: Step) -> Iterator[ast.Path]:
    """Every path that is written in the command and the blocks around it, and the keys that it makes."""
    for node in below((step.around, step.command)):
        if isinstance(node, ast.Path) and is_inside(node.span, step.home.span):
            yield node
    match step.command:
        case ast.Rename(path=path, name=ast.Literal(value=str(name)) as literal):
            yield ast.Path(path.root, (*path.steps[:-1], ast.Key(name, literal.span)), step.span)
        case ast.Modify(path=path, value=value) | ast.Merge(path=path, value=value):
            yield from _made(path, value, step)
        case ast.Append(path=path, value=value):
            yield from _made(ast.Path(path.root, (*path.steps, ast.Each(path.span)), path.span), value, step)
        case _:
            pass


def _made(path: ast.Path, value: ast.Value, step: Step) -> Iterator[ast.Path]:
    """The paths to the keys of a map that is written."""
    match value:
        case ast.MapValue(entries=entries):
            for key, item in entries:
                inner = ast.Path(path.root, (*path.steps, ast.Key(key, item.span)), step.span)
                yield inner
                yield from _made(inner, item, step)
        case ast.ListValue(items=items):
            for item in items:
                yield from _made(ast.Path(path.root, (*path.steps, ast.Each(item.span)), step.span), item, step)
        case _:
            return


def _complaint(path: ast.Path, lost: Lost) -> Diagnostic:
    text = shown(ast.Path(path.root, path.steps[: lost.number + 1], path.span))
    span = bare(path.steps[lost.number].span)
    if lost.at.type not in {"object", "map"}:
        above = shown(ast.Path(path.root, path.steps[: lost.number], path.span))
        return CODE.at(span, f"`{above}` is {KINDS.get(lost.at.type, lost.at.type)}", "there is no such place in it")
    message = f"`{text}` is no field of {lost.tree.name}"
    meant = _meant(path, lost)
    if meant is None:
        return CODE.at(span, message, "no version has it")
    whole = ast.Path(path.root, (*path.steps[: lost.number], *(ast.Key(name, span) for name in meant)), span)
    hint = f"did you mean `{shown(whole)}`?"
    is_key = span.text.strip("\"'") == _name(path.steps[lost.number])
    fix = Fix(f"write `{'.'.join(meant)}`", (Edit(span, ".".join(meant)),), Safety.UNSAFE) if is_key else None
    return CODE.at(span, message, hint, fix=fix)


def _meant(path: ast.Path, lost: Lost) -> tuple[str, ...] | None:
    """The keys to write instead of the wrong one."""
    keys = tuple(takewhile(bool, map(_name, path.steps[lost.number :])))
    if not keys:
        return None
    near = nearest(keys[0], lost.at.fields)
    way = way_to(lost.at, keys) if near is None or len(keys) > 1 else None
    if way is not None:
        return (*way, keys[0])
    return (near,) if near is not None else None


def _name(step: ast.Step) -> str:
    return step.name if isinstance(step, ast.Key) else ""
