"""SK192 ignore-without-code: an ignore names no code, or one that does not exist.

Without a code it would hide everything on its line, also what comes later; so it hides nothing.
"""

from __future__ import annotations

import re

from skel.language.codes import Code
from skel.language.diagnostic import Severity
from skel.lint.file import File
from skel.lint.rule import Bad, Found
from skel.lint.suppress import ignores_of

CODE, NAME = Code("SK192", Severity.WARNING), "ignore-without-code"
OK = ('delete(kind == "Pod" && kind == "Job"); # skel: ignore[SK113] shows what the linter says',)
BAD = (
    Bad("remove(status); # skel: ignore because", at="# skel: ignore because"),
    Bad("remove(status); # skel: ignore[status] because", at="status"),
)

_CODE = re.compile(r"SK[0-9]{3}", re.IGNORECASE)


def check(file: File) -> Found:
    for ignore in ignores_of(file):
        if not ignore.codes:
            yield CODE.at(ignore.comment, "this ignore names no code", "such as `# skel: ignore[SK113] reason`")
        for code in ignore.codes:
            if not _CODE.fullmatch(code.text):
                yield CODE.at(code, f"`{code.text}` is no code", "a code is `SK` and three digits")
