"""SK111 repeated-rule: two rules have the same commands.

Their ids differ, their work does not: the second one finds nothing to do, and a finding is reported twice.
"""

from __future__ import annotations

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Label, Severity
from skel.lint.file import File
from skel.lint.rule import Bad, Found
from skel.lint.step import first_line

CODE, NAME = Code("SK111", Severity.WARNING), "repeated-rule"
OK = ('rule "a" { remove(status); }\nrule "b" { remove(metadata.uid); }', 'rule "a" { }\nrule "b" { }')
BAD = (Bad('rule "a" { remove(status); }\nrule "b" { title "B"; remove(status); }', at='rule "b"'),)


def check(file: File) -> Found:
    first: dict[tuple[ast.Command, ...], ast.Rule] = {}
    for statement in file.module.statements:
        if isinstance(statement, ast.Rule) and statement.commands:
            before = first.setdefault(statement.commands, statement)
            if before is not statement:
                labels = (Label(first_line(before.span), "the first one"),)
                message = f"`{statement.id}` does what `{before.id}` does"
                yield CODE.at(first_line(statement.span), message, "the same again", labels=labels)
