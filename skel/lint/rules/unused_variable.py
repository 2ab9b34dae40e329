"""SK101 unused-variable: a variable is bound and never used.

A bind without use only asks whether the path reaches something. `exists` says so.
"""

from __future__ import annotations

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Edit, Fix, Severity
from skel.lint.file import File
from skel.lint.nodes import below
from skel.lint.rule import Bad, Found

CODE, NAME = Code("SK101", Severity.WARNING), "unused-variable"
OK = (
    "remove($v := podSpec.volumes[*] | exists($v.secret), $v);",
    'delete($c := podSpec.containers[*] | $c.image == "a" && $c.name == "b");',
    "when $v := podSpec.volumes[*] { remove($v.secret); }",
    "define clear($p) { remove($p.secret); } when $v := podSpec.volumes[*] { clear($v); }",
)
BAD = (
    Bad("remove($x := spec.paused, status);", at="$x := spec.paused", fixed="remove(exists(spec.paused), status);"),
    Bad("when $x := spec.a { remove(status); }", at="$x := spec.a", fixed="when exists(spec.a) { remove(status); }"),
)


def check(file: File) -> Found:
    """A test that never looks at its variable has a code of its own (SK060)."""
    # What is handed to a definition is used where that looks at it, which may be in another file.
    used = {
        node.root.slot
        for home in (*file.analysis.module.rules, *file.analysis.drafts)
        for node in below(home.commands)
        if isinstance(node, ast.Path) and isinstance(node.root, ast.VariableRoot)
    }
    for node in file.own_nodes():
        if isinstance(node, ast.Bind) and node.test is None and node.variable.slot not in used:
            there = f"exists({node.path.span.text})"
            fix = Fix(f"write `{there}`", (Edit(node.span, there),))
            yield CODE.at(node.span, f"`${node.variable.name}` is never used", f"`{there}` says the same", fix=fix)
