"""SK115 order-matters: two commands write different values to one place of one object.

Which of them holds depends on the order in which they stand. Selectors that exclude each other say what was meant; or
one selector that is a part of the other, the special case behind the general one.
"""

from __future__ import annotations

from skel.language.codes import Code
from skel.language.diagnostic import Label, Severity
from skel.lint.file import File
from skel.lint.logic import exclude, implies
from skel.lint.rule import Bad, Found
from skel.lint.sequence import same_writes
from skel.lint.step import first_line

CODE, NAME = Code("SK115", Severity.WARNING), "order-matters"
OK = (
    'modify(kind == "A", spec.a = 1);\nmodify(kind == "B", spec.a = 2);',
    'modify(spec.a = 1);\nmodify(kind == "B", spec.a = 2);',
    "modify(exists(spec.b), spec.a = 1);\nmodify(exists(spec.c), spec.a = 1);",
    "modify(spec.a < 2, spec.a = 2);\nmodify(spec.a > 9, spec.a = 9);",
    'modify(apiVersion == "a/v1", apiVersion = "a/v2");\nmodify(apiVersion == "a/v2", apiVersion = "a/v3");',
)
BAD = (
    Bad(
        "modify(exists(spec.b), spec.a = 1);\nmodify(exists(spec.c), spec.a = 2);",
        at="modify(exists(spec.c), spec.a = 2);",
    ),
)


def check(file: File) -> Found:
    for first, second, _ in same_writes(file):
        if exclude(first.held, second.held) or implies(second.held, first.held) or implies(first.held, second.held):
            continue
        labels = (Label(first_line(first.span), "and so does this, another value"),)
        hint = "this writes to the same place"
        yield CODE.at(first_line(second.span), "where both selectors hold, the order decides", hint, labels=labels)
