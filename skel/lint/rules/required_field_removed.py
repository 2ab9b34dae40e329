"""SK132 required-field-removed: a field is taken away that every version of the kind requires.

The API server refuses an object without it. A later command may put it back; then nothing is reported.
"""

from __future__ import annotations

from collections.abc import Iterator

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Severity
from skel.language.text import Source, Span
from skel.lint.file import File
from skel.lint.places import any_touch, bare, shown
from skel.lint.rule import Bad, Found
from skel.lint.schema import Schemas
from skel.lint.step import Step

CODE, NAME = Code("SK132", Severity.WARNING), "required-field-removed"
OK = (
    'remove(kind == "Deployment", spec.replicas);',
    'remove(podSpec.containers[?(@.name == "sidecar")]);',
    'remove(kind == "Deployment", spec.selector);\nmodify(kind == "Deployment", spec.selector.matchLabels.a = "b");',
    'delete(kind == "Deployment");',
)
BAD = (
    Bad('remove(kind == "Deployment" && apiVersion == "apps/v1", spec.selector);', at="selector"),
    Bad("remove(podSpec.containers);", at="containers"),
    Bad('rename(podSpec.containers[*].name, "title");', at="name"),
)

_NOWHERE = Span(Source("", ""), 0, 0)
_VERSION = ast.Path(ast.ObjectRoot(), (ast.Key("apiVersion", _NOWHERE),), _NOWHERE)


def check(file: File) -> Found:
    for steps in file.sequences:
        for number, step in enumerate(steps):
            if not step.is_own:
                continue
            schemas = Schemas(step, file.setting, exact=not _is_written(steps[number + 1 :], _VERSION))
            for path in _removed(step):
                full = schemas.full(path)
                if _is_required(schemas, full) and not _is_written(steps[number + 1 :], full):
                    span = step.own(bare(path.steps[-1].span) if path.steps else path.span)
                    message = f"`{shown(full)}` is required in every version"
                    yield CODE.at(span, message, "an object without it is refused")


def _removed(step: Step) -> Iterator[ast.Path]:
    match step.command:
        case ast.Remove(path=path) | ast.Rename(path=path) | ast.Transfer(source=path, keep=False):
            yield path
        case _:
            return


def _is_required(schemas: Schemas, path: ast.Path) -> bool:
    """Whether it is a required field in each version that has it, and a version without it is not among them."""
    if not path.steps or not isinstance(path.steps[-1], ast.Key):
        return False
    above = ast.Path(path.root, path.steps[:-1], path.span)
    fields = schemas.fields(path)
    return bool(fields) and len(fields) >= len(schemas.fields(above)) and all(field.required for field in fields)


def _is_written(later: tuple[Step, ...], path: ast.Path) -> bool:
    return any(any_touch(step.writes, (path,)) for step in later)
