"""SK105 shadowed-name: a name hides another one.

The inner name wins, so what reads like the outer value is something else. A new name costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic, Label, Severity
from skel.language.text import Span
from skel.lint.file import File
from skel.lint.nodes import below
from skel.lint.rule import Bad, Found
from skel.lint.step import first_line

CODE, NAME = Code("SK105", Severity.WARNING), "shadowed-name"
OK = (
    "remove($x := spec.a[*] | $x.b == 1, $x);\nremove($x := spec.c[*] | $x.d == 1, $x);",
    "when $x := spec.a[*] | $x.b == 1 { remove($y := spec.c[*] | $y.d == $x.d, $y); }",
)
BAD = (
    Bad(
        "when $x := spec.a[*] | $x.b == 1 { remove($x := spec.c[*] | $x.d == 1, $x); }",
        at="$x := spec.c[*] | $x.d == 1",
    ),
    Bad("remove($x := spec.a[*] | $x.b == 1 && $x := spec.c[*] | $x.d == 1, $x);", at="$x := spec.c[*] | $x.d == 1"),
    Bad(
        "param $x = 1;\nremove($x := spec.a[*] | $x.b == 1, $x);\nmodify(spec.b = $x);",
        at="$x := spec.a[*] | $x.b == 1",
    ),
    Bad("param $x = 1;\ndefine f($x) { modify(spec.a = $x); }\nf(2);\nmodify(spec.b = $x);", at="define f($x)"),
)
Names = Mapping[str, Span]


def check(file: File) -> Found:
    parameters = {item.name: item.span for item in file.module.statements if isinstance(item, ast.Param)}
    for statement in file.module.statements:
        match statement:
            case ast.Define():
                head = first_line(statement.span)
                for name in statement.parameters:
                    if name in parameters:
                        yield _hides(name, head, parameters[name])
                inner = {**parameters, **dict.fromkeys(statement.parameters, head)}
                yield from _commands(statement.commands, inner)
            case ast.Rule():
                yield from _commands(statement.commands, parameters)
            case ast.Import() | ast.Param():
                pass
            case _:
                yield from _commands((statement,), parameters)


def _commands(commands: tuple[ast.Command, ...], names: Names) -> Iterator[Diagnostic]:
    for command in commands:
        if isinstance(command, ast.Insert | ast.Shift | ast.Scale | ast.Use):
            continue
        here = dict(names)
        for bind in (part for part in below(command.selector) if isinstance(part, ast.Bind)):
            name = bind.variable.name
            if name in here:
                yield _hides(name, bind.span, here[name])
            here[name] = bind.span
        if isinstance(command, ast.When):
            yield from _commands(command.commands, here)


def _hides(name: str, span: Span, outer: Span) -> Diagnostic:
    labels = (Label(outer, "this one is hidden"),)
    return CODE.at(span, f"`${name}` hides another `${name}`", "give it a name of its own", labels=labels)
