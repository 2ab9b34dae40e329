"""SK191 ignore-without-reason: an ignore does not say why.

Whoever reads it next can't tell whether the reason still holds.
"""

from __future__ import annotations

from skel.language.codes import Code
from skel.language.diagnostic import Severity
from skel.lint.file import File
from skel.lint.rule import Bad, Found
from skel.lint.suppress import ignores_of

CODE, NAME = Code("SK191", Severity.WARNING), "ignore-without-reason"
OK = ('delete(kind == "Pod" && kind == "Job"); # skel: ignore[SK113] shows what the linter says',)
BAD = (Bad('delete(kind == "Pod" && kind == "Job"); # skel: ignore[SK113]', at="# skel: ignore[SK113]"),)


def check(file: File) -> Found:
    for ignore in ignores_of(file):
        if ignore.codes and not ignore.reason:
            yield CODE.at(ignore.comment, "this ignore has no reason", "write it behind the bracket")
