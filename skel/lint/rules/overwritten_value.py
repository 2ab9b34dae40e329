"""SK116 overwritten-value: a later command overwrites all that an earlier one wrote.

Its selector holds wherever that of the earlier one holds, so nothing is left of the first value. Often the two stand in
the wrong order: the general case comes first, the special one behind it.
"""

from __future__ import annotations

from skel.language.codes import Code
from skel.language.diagnostic import Label, Severity
from skel.lint.file import File
from skel.lint.logic import implies, impossible
from skel.lint.rule import Bad, Found
from skel.lint.sequence import is_kept, same_writes
from skel.lint.step import first_line

CODE, NAME = Code("SK116", Severity.WARNING), "overwritten-value"
OK = ('modify(spec.a = 1);\nmodify(kind == "B", spec.a = 2);', "default(spec.a = 1);\ndefault(spec.a = 2);")
BAD = (
    Bad('modify(kind == "B", spec.a = 2);\nmodify(spec.a = 1);', at='modify(kind == "B", spec.a = 2);'),
    Bad("modify(spec.a = 2);\nmodify(spec.a = 1);", at="modify(spec.a = 2);"),
)


def check(file: File) -> Found:
    for first, second, between in same_writes(file):
        is_sure = implies(first.held, second.held) and is_kept(second.reads, (first, *between))
        if is_sure and impossible(first.held) is None:
            labels = (Label(first_line(second.span), "this overwrites it"),)
            yield CODE.at(first_line(first.span), "nothing is left of this value", "written for nothing", labels=labels)
