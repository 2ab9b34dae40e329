"""SK124 repeated-double-star: `**` behind `**` reaches nothing new.

`**` is any depth already. Each further one costs another walk over the object.
"""

from __future__ import annotations

from itertools import pairwise

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Edit, Fix, Severity
from skel.language.text import Span
from skel.lint.file import File
from skel.lint.rule import Bad, Found

CODE, NAME = Code("SK124", Severity.WARNING), "repeated-double-star"
OK = ("remove(**.image);", "remove(**.spec.**.image);")
BAD = (Bad("remove(**.**.image);", at=".**", fixed="remove(**.image);"),)


def check(file: File) -> Found:
    for node in file.own_nodes():
        steps = node.steps if isinstance(node, ast.Path) else ()
        for before, step in pairwise(steps):
            if isinstance(before, ast.Deep) and isinstance(step, ast.Deep):
                fix = Fix("take it away", (Edit(Span(step.span.source, before.span.end, step.span.end), ""),))
                yield CODE.at(step.span, "`**` behind `**` reaches nothing new", "any depth is any depth", fix=fix)
