"""SK103 unused-parameter: nothing looks at a parameter.

A `param` that nothing looks at promises those who set it from outside a change that does not come; a parameter of a
definition makes every use of it longer.
"""

from __future__ import annotations

from collections.abc import Iterator

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Fix, Safety, Severity
from skel.language.text import Span
from skel.lint.edits import without
from skel.lint.file import File
from skel.lint.nodes import variables
from skel.lint.rule import Bad, Found
from skel.lint.step import first_line

CODE, NAME = Code("SK103", Severity.WARNING), "unused-parameter"
OK = (
    'param $registry = "localhost";\nreplace(**.image, "^k8s\\.gcr\\.io/", concat($registry, "/"));',
    'param $registry = "localhost";',
    'define label($key, $value) { modify(metadata.labels[$key] = $value); }\nlabel("a", "b");',
)
BAD = (
    Bad(
        'param $registry = "localhost";\nremove(status);', at='param $registry = "localhost";', fixed="remove(status);"
    ),
    Bad('define label($key, $value) { modify(metadata.labels[$key] = "x"); }\nlabel("a", "b");', at="$value"),
)


def check(file: File) -> Found:
    yield from _of_program(file)
    for statement in file.module.statements:
        if isinstance(statement, ast.Define):
            yield from _of_definition(statement)


def _of_program(file: File) -> Iterator[Diagnostic]:
    if file.is_library:
        return
    used = file.setting.used_elsewhere.union(name for other in file.module.statements for name in variables(other))
    for statement in file.module.statements:
        if isinstance(statement, ast.Param) and statement.name not in used:
            fix = Fix("take it away", (without(statement.span),), Safety.UNSAFE)
            message = f"nothing looks at `${statement.name}`"
            yield CODE.at(statement.span, message, "setting it changes nothing", fix=fix)


def _of_definition(define: ast.Define) -> Iterator[Diagnostic]:
    used = set(variables(define.commands))
    head = first_line(define.span)
    for name in define.parameters:
        if name not in used:
            start = define.span.start + max(0, define.span.text.find(f"${name}"))
            span = Span(define.span.source, start, start + len(name) + 1)
            message = f"`{define.name}` never looks at `${name}`"
            yield CODE.at(span if define.span.text.find(f"${name}") >= 0 else head, message, "leave it out")
