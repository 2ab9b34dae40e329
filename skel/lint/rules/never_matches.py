"""SK150 never-matches: a rule touches nothing in the given trace.

Only with `--trace`. The rule may be for objects that this trace does not have; or its selector has a mistake that no
schema knows, such as a label that nobody sets.
"""

from __future__ import annotations

from skel.language import ast
from skel.language.codes import Code
from skel.language.diagnostic import Severity
from skel.lint.file import File
from skel.lint.nodes import below
from skel.lint.rule import Bad, Found
from skel.lint.step import first_line

CODE, NAME = Code("SK150", Severity.WARNING), "never-matches"
OK = ('modify(kind == "Pod", spec.a = 1);', "shift(10m);", "define clean() { remove(status); }")
BAD = (
    Bad(
        'remove(kind == "Pod" && metadata.labels.tier == "gold", status);',
        at='remove(kind == "Pod" && metadata.labels.tier == "gold", status);',
        objects=({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}},),
    ),
    Bad(
        "remove(metadata.labels.tier);",
        at="remove(metadata.labels.tier);",
        objects=({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "a"}},),
    ),
)


def check(file: File) -> Found:
    for rule in file.analysis.module.rules:
        here = file.setting.touched.get(rule.id) if file.setting.touched is not None else None
        if here is None or here.changed or _is_about_the_trace(rule):
            continue
        if not here.selected:
            yield CODE.at(first_line(rule.span), "this selects nothing in the trace", "no object is like this")
        elif not any(isinstance(node, ast.Require | ast.Deny) for node in below(rule.commands)):
            objects = f"{here.selected} object{'s' if here.selected != 1 else ''}"
            yield CODE.at(
                first_line(rule.span), f"this selects {objects} of the trace and changes none", "nothing to do"
            )


def _is_about_the_trace(rule: ast.ResolvedRule) -> bool:
    """Whether it works on times and events, or has no command at all."""
    commands = (
        node for node in below(rule.commands) if isinstance(node, ast.Insert | ast.Shift | ast.Scale | ast.Drop)
    )
    return not rule.commands or any(commands)
