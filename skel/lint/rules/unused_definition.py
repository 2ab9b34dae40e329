"""SK102 unused-definition: nothing uses a definition.

It is read by everybody and run by nobody. A file that holds definitions alone is a library: there all of them are for
others. What another file of the same run imports and uses counts as used.
"""

from __future__ import annotations

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Fix, Safety, Severity
from skel.lint.edits import without
from skel.lint.file import File
from skel.lint.nodes import uses
from skel.lint.rule import Bad, Found
from skel.lint.step import first_line

CODE, NAME = Code("SK102", Severity.WARNING), "unused-definition"
OK = (
    "define clean() { remove(status); }",
    "define clean() { remove(status); }\nclean();",
    "define clean() { remove(status); }\nwhen exists(status) { clean(); }",
)
BAD = (
    Bad(
        "define clean() { remove(status); }\nremove(metadata.uid);",
        at="define clean()",
        fixed="remove(metadata.uid);",
    ),
)


def check(file: File) -> Found:
    if file.is_library:
        return
    # One that uses itself is an error of the language.
    used = file.setting.used_elsewhere.union(uses(file.module.statements))
    for statement in file.module.statements:
        if isinstance(statement, ast.Define) and statement.name not in used:
            head = first_line(statement.span)
            fix = Fix("take it away", (without(statement.span),), Safety.UNSAFE)
            yield CODE.at(head, f"`{statement.name}` is never used", "nothing runs this", fix=fix)
