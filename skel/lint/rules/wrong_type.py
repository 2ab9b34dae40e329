"""SK131 wrong-type: a value of a type that the field does not have.

The API server refuses what is written so; a comparison with such a value never holds. The types are those of every
version of the kind that lies between the releases of the run.
"""

from __future__ import annotations

from collections.abc import Iterator

from skel.kube.fields import Field
from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Edit, Fix, Safety, Severity
from skel.lint.field_types import KINDS, fits
from skel.lint.file import File
from skel.lint.nodes import below
from skel.lint.rule import Bad, Found
from skel.lint.schema import Schemas
from skel.lint.step import Step

CODE, NAME = Code("SK131", Severity.WARNING), "wrong-type"
OK = (
    'modify(kind == "Deployment", spec.replicas = 3);',
    'modify(kind == "Service", spec.ports[0].targetPort = "http");',
    'delete(metadata.labels.weight == "3");',
    'modify(podSpec.containers[*].resources.limits.cpu = "500m");',
    'modify(kind == "Deployment", spec.paused = null);',
)
BAD = (
    Bad(
        'modify(kind == "Deployment", spec.replicas = "3");',
        at='"3"',
        fixed='modify(kind == "Deployment", spec.replicas = 3);',
    ),
    Bad(
        "delete(metadata.labels.weight == 3);",
        at="3",
        fixed='delete(metadata.labels.weight == "3");',
    ),
    Bad(
        'delete(podSpec.hostNetwork == "true");',
        at='"true"',
        fixed="delete(podSpec.hostNetwork == true);",
    ),
    Bad('delete($c := podSpec.containers[*] | $c.image in [1, "a"]);', at="1"),
    Bad('append(podSpec.tolerations, "master");', at='"master"'),
    Bad('append(podSpec.nodeName, "a");', at="podSpec.nodeName"),
    Bad(
        'merge(kind == "Deployment", spec.strategy, {"type": 1});',
        at="1",
        fixed='merge(kind == "Deployment", spec.strategy, {"type": "1"});',
    ),
)


def check(file: File) -> Found:
    for step in file.own_steps():
        schemas = Schemas(step, file.setting)
        for path, value in (*_written(step), *_compared(step)):
            fields = schemas.fields(schemas.full(path))
            yield from _misfits(fields, value, step)
        yield from _no_list(step, schemas)


def _written(step: Step) -> Iterator[tuple[ast.Path, ast.Value]]:
    match step.command:
        case ast.Modify(path=path, value=value) | ast.Merge(path=path, value=value):
            yield path, value
        case ast.Append(path=path, value=value):
            yield ast.Path(path.root, (*path.steps, ast.Each(path.span)), path.span), value
        case _:
            return


def _compared(step: Step) -> Iterator[tuple[ast.Path, ast.Value]]:
    for node in below((step.around, step.command)):
        match node:
            case ast.Compare(left=ast.Path() as path, right=value) | ast.Compare(left=value, right=ast.Path() as path):
                yield path, value
            case ast.In(left=ast.Path() as path, right=ast.ListValue(items=items)):
                yield from ((path, item) for item in items)
            case _:
                pass


def _misfits(fields: tuple[Field, ...], value: ast.Value, step: Step) -> Iterator[Diagnostic]:
    """What fits no version of the field; of a map that fits, the entries that do not."""
    if not fields:
        return
    if not any(fits(field, value) for field in fields):
        yield _complaint(fields[0], value, step)
        return
    match value:
        case ast.MapValue(entries=entries):
            for key, item in entries:
                inner = (field.fields.get(key) or field.values for field in fields)
                yield from _misfits(tuple(field for field in inner if field is not None), item, step)
        case ast.ListValue(items=items):
            inner_fields = tuple(field.items for field in fields if field.items is not None)
            for item in items:
                yield from _misfits(inner_fields, item, step)
        case _:
            return


def _complaint(field: Field, value: ast.Value, step: Step) -> Diagnostic:
    span = step.own(value.span)
    wanted = _spelled(field, value) if span == value.span else None
    fix = Fix(f"write `{wanted}`", (Edit(span, wanted),), Safety.UNSAFE) if wanted is not None else None
    hint = f"write `{wanted}`" if wanted is not None else ""
    return CODE.at(span, f"this field is {KINDS.get(field.type, field.type)}", hint, fix=fix)


def _spelled(field: Field, value: ast.Value) -> str | None:
    """The same value in the type of the field, as one writes it."""
    match value:
        case ast.Literal(value=str(text)) if text in {"true", "false"} and field.type == "boolean":
            return text
        case ast.Literal(value=str(text)) if _is_digits(text) and field.type in {"integer", "number"}:
            return text
        case ast.Literal(value=bool() | int() | float()) if field.type == "string":
            return f'"{value.span.text}"'
        case _:
            return None


def _no_list(step: Step, schemas: Schemas) -> Iterator[Diagnostic]:
    """`append` to what is no list."""
    if isinstance(step.command, ast.Append):
        fields = schemas.fields(schemas.full(step.command.path))
        if fields and not any(field.type in {"array", "any"} for field in fields):
            message = f"this field is {KINDS.get(fields[0].type, fields[0].type)}"
            yield CODE.at(step.own(step.command.path.span), message, "nothing can be appended to it")


def _is_digits(text: str) -> bool:
    return text.isdecimal() and text.isascii()
