"""SK190 unused-ignore: an ignore suppresses nothing.

What it once covered is gone, or stands elsewhere now. An ignore that stays behind hides the next mistake on its line.
Errors of the language can't be ignored: such a program does not run.
"""

from __future__ import annotations

from skel.language.codes import Code
from skel.language.diagnostic import Edit, Fix, Severity
from skel.language.text import Span
from skel.lint.edits import without
from skel.lint.rule import Bad, Found
from skel.lint.suppress import Ignore, Sifted

CODE, NAME = Code("SK190", Severity.WARNING), "unused-ignore"
OK = ('delete(kind == "Pod" && kind == "Job"); # skel: ignore[SK113] shows what the linter says',)
BAD = (
    Bad(
        'delete(kind == "Pod"); # skel: ignore[SK113] shows what the linter says',
        at="SK113",
        fixed='delete(kind == "Pod");',
    ),
    Bad(
        'delete(kind == "Pod" && kind == "Job"); # skel: ignore[SK113, SK114] shows what the linter says',
        at="SK114",
        fixed='delete(kind == "Pod" && kind == "Job"); # skel: ignore[SK113] shows what the linter says',
    ),
)


def judge(sifted: Sifted) -> Found:
    """Complain of what the run did not need."""
    for ignore, code in sifted.unused:
        edit = without(ignore.comment) if len(ignore.codes) == 1 else Edit(_with_comma(ignore, code), "")
        fix = Fix("take it away", (edit,))
        yield CODE.at(code, f"nothing here gives {code.text}", "this suppresses nothing", fix=fix)


def _with_comma(ignore: Ignore, code: Span) -> Span:
    """The code with the comma that joins it to its neighbour."""
    number = ignore.codes.index(code)
    if number:
        return Span(code.source, ignore.codes[number - 1].end, code.end)
    return Span(code.source, code.start, ignore.codes[1].start)
