"""SK104 unused-import: nothing of an imported file is used.

The file is read for nothing, and the program fails where it is missing.
"""

from __future__ import annotations

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Fix, Severity
from skel.lint.edits import without
from skel.lint.file import File
from skel.lint.imports import names_of
from skel.lint.nodes import uses, variables
from skel.lint.rule import Bad, Found

CODE, NAME = Code("SK104", Severity.WARNING), "unused-import"
_FILES = {"./labels.skel": "define clean() { remove(status); }\nparam $team = 'a';\n"}
OK = (
    'import "kubernetes/labels";\nrename_label("app", "app.kubernetes.io/name");',
    'import "kubernetes/labels";\nwhen kind == "Pod" { set_label("a", "b"); }',
)
BAD = (
    Bad('import "kubernetes/labels";\nremove(status);', at='import "kubernetes/labels";', fixed="remove(status);"),
    Bad('import "./labels";\nremove(status);', at='import "./labels";', fixed="remove(status);", files=_FILES),
)


def check(file: File) -> Found:
    used = {*uses(file.module.statements), *variables(file.module.statements)}
    for statement in file.module.statements:
        if not isinstance(statement, ast.Import):
            continue
        given = names_of(statement, file.loader)
        if given is not None and not given & used:
            fix = Fix("take it away", (without(statement.span),))
            message = f"nothing of `{statement.path}` is used"
            yield CODE.at(statement.span, message, "nothing needs this import", fix=fix)
