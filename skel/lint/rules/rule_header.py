"""SK140 rule-header: a rule of a pack does not say what it is.

A finding shows the code, the title and the reason of its rule; `check` and `migrate` choose by category, severity and
safety. A rule without them can't be listed, ignored or trusted.
"""

from __future__ import annotations

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Severity
from skel.lint.file import File
from skel.lint.rule import Bad, Found
from skel.lint.step import first_line

CODE, NAME = Code("SK140", Severity.WARNING), "rule-header"
OK = (
    'rule "a" { code "XX001"; title "A"; why "B."; category "transform"; severity "info"; remove(status); }',
    "define clean() { remove(status); }",
)
BAD = (
    Bad('rule "a" { code "XX001"; category "removal"; severity "info"; remove(status); }', at='rule "a"', in_pack=True),
    Bad('rule "a" { remove(status); }', at='rule "a"', in_pack=True),
)

NEEDED = ("code", "title", "why", "category", "severity")


def check(file: File) -> Found:
    if not file.setting.in_pack:
        return
    for statement in file.module.statements:
        if isinstance(statement, ast.Rule):
            given = {item.key for item in statement.metadata}
            missing = [key for key in NEEDED if key not in given]
            if missing:
                message = f"the rule `{statement.id}` has no {' and no '.join(f'`{key}`' for key in missing)}"
                yield CODE.at(first_line(statement.span), message, "a rule of a pack says what it is")
