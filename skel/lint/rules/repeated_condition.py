"""SK114 repeated-condition: a condition stands twice.

The second one tests what the first one has tested already. Often one of the two was meant to be another field or value.
"""

from __future__ import annotations

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Fix, Label, Severity
from skel.lint.edits import without_part
from skel.lint.file import File
from skel.lint.rule import Bad, Found

CODE, NAME = Code("SK114", Severity.WARNING), "repeated-condition"
OK = ('delete(kind == "Pod" && metadata.name == "a");', 'delete(kind == "Pod" || kind == "Job");')
BAD = (
    Bad(
        'delete(kind == "Pod" && spec.a == 1 && kind == "Pod");',
        at='kind == "Pod"',
        fixed='delete(kind == "Pod" && spec.a == 1);',
    ),
    Bad('delete(kind == "Pod" || kind == "Pod");', at='kind == "Pod"', fixed='delete(kind == "Pod");'),
)


def check(file: File) -> Found:
    for node in file.own_nodes():
        if not isinstance(node, ast.And | ast.Or):
            continue
        for number, term in enumerate(node.terms):
            first = next((other for other in node.terms[:number] if other == term), None)
            if first is not None:
                fix = Fix("take it away", (without_part(node.terms[number - 1].span, term.span),))
                labels = (Label(first.span, "the first one"),)
                yield CODE.at(term.span, "this condition stands twice", "the same again", labels=labels, fix=fix)
