r"""SK120 regex-never: a regular expression matches nothing.

It asks for the start of the text behind some character, or for its end before one. `^` and `$` are the edges of the
whole text; a caret or dollar sign of the text itself is written `\^` and `\$`.
"""

from __future__ import annotations

from skel.language.codes import Code
from skel.language.diagnostic import Severity
from skel.lint.file import File
from skel.lint.patterns import patterns_of
from skel.lint.regex import never_matches
from skel.lint.rule import Bad, Found

CODE, NAME = Code("SK120", Severity.WARNING), "regex-never"
OK = ('delete(metadata.name =~ "^a$");', 'delete(metadata.name =~ "a*^b");', r'delete(metadata.name =~ "a\^b");')
BAD = (
    Bad('delete(metadata.name =~ "web^");', at='"web^"'),
    Bad('replace(metadata.name, "$x", "y");', at='"$x"'),
)


def check(file: File) -> Found:
    for step, literal, _ in patterns_of(file):
        if never_matches(str(literal.value)):
            yield CODE.at(step.own(literal.span), "this regular expression matches nothing", "no text is like this")
