"""The codes of the language's own diagnostics: stable, never used for anything else, a page each.

`skel explain SK021` shows the page: `pages/SK021.md`, with a program that fails and the corrected one. The tests run
both.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from skel.language.diagnostic import Diagnostic, Fix, Label, Severity
from skel.language.text import Span

PAGES = Path(__file__).resolve().parent / "pages"


@dataclass(frozen=True, slots=True)
class Code:
    """`UNDEFINED_VARIABLE.at(span, "...")` makes a diagnostic with this code and severity."""

    code: str
    severity: Severity = Severity.ERROR

    def at(
        self,
        span: Span,
        message: str,
        hint: str = "",
        *,
        labels: tuple[Label, ...] = (),
        notes: tuple[str, ...] = (),
        fix: Fix | None = None,
    ) -> Diagnostic:
        return Diagnostic(self.code, span, message, hint, self.severity, labels, notes, fix)


# ---- characters ------------------------------------------------------------------------------------------------------
UNREADABLE = Code("SK001")
OPEN_STRING = Code("SK002")
NOT_ASCII = Code("SK003")
SMART_QUOTES = Code("SK004")
ESCAPE = Code("SK005")
SINGLE_AMPERSAND = Code("SK006")
BLANK_IN_PATH = Code("SK007")
MISSING_KEY = Code("SK008")
FOREIGN_COMMENT = Code("SK009")

# ---- syntax ----------------------------------------------------------------------------------------------------------
UNEXPECTED = Code("SK010")
MISSING_SEMICOLON = Code("SK011")
OPEN_BRACKET = Code("SK012")
EXTRA_BRACKET = Code("SK013")
ASSIGNMENT_IN_SELECTOR = Code("SK014")
COMPARISON_IN_ASSIGNMENT = Code("SK015")
BIND_SIGN = Code("SK016")
WORD_FOR_OPERATOR = Code("SK017")
LONE_SEMICOLON = Code("SK018")
TOO_DEEP = Code("SK019")

# ---- names -----------------------------------------------------------------------------------------------------------
UNKNOWN_COMMAND = Code("SK020")
UNDEFINED_VARIABLE = Code("SK021")
UNKNOWN_FUNCTION = Code("SK022")
UNKNOWN_PARAMETER = Code("SK023")
PARAMETER_VALUE = Code("SK024")
DEFINED_TWICE = Code("SK025")
RULE_TWICE = Code("SK026")
IMPORT_FAILED = Code("SK027")
IMPORT_CYCLE = Code("SK028")
RECURSION = Code("SK029")

# ---- shapes ----------------------------------------------------------------------------------------------------------
ARGUMENTS = Code("SK030")
NOT_A_PATH = Code("SK031")
NOT_A_VALUE = Code("SK032")
NOT_A_TEST = Code("SK033")
CHAINED_COMPARISON = Code("SK034")
MISPLACED_BIND = Code("SK035")
BAD_STEP = Code("SK036")
MISPLACED_STATEMENT = Code("SK037")
ARGUMENT_COUNT = Code("SK038")
PARAMETER_KIND = Code("SK039")

# ---- values ----------------------------------------------------------------------------------------------------------
NUMBER = Code("SK040")
TIME_TEST = Code("SK041")
TARGET_TEST = Code("SK042")
REGEX = Code("SK043")
MEASURE = Code("SK044")
NO_ORDER = Code("SK045", Severity.WARNING)
LABEL_TYPE = Code("SK046")
FIELD_TYPE = Code("SK047")
TIMESTAMP = Code("SK048")
RULE_METADATA = Code("SK049")
FUNCTION_FIELD = Code("SK050")
NOT_CONSTANT = Code("SK051")
TRACE_COMMAND = Code("SK052")
NOT_A_KEY = Code("SK053")
WHOLE_OBJECT = Code("SK054")
REPEATED_KEY = Code("SK055")
LITERAL_TYPE = Code("SK056")
ITEM_OUTSIDE = Code("SK057")
TOO_LARGE = Code("SK058")
STRAY_UNIT = Code("SK059")

# ---- warnings --------------------------------------------------------------------------------------------------------
TEST_WITHOUT_VARIABLE = Code("SK060", Severity.WARNING)
UNQUOTED_VALUE = Code("SK061", Severity.WARNING)
EMPTY_GROUP = Code("SK062", Severity.WARNING)


@dataclass(frozen=True, slots=True)
class Page:
    """What `skel explain` shows: a title, why it is so, a program that gives the code and the corrected one."""

    code: str
    title: str
    why: str
    failing: str
    corrected: str


_BLOCK = re.compile(r"```skel\n(.*?)```\n", re.DOTALL)


def page(code: str) -> Page | None:
    """The page of a code, in any case of letters; None if there is none."""
    file = PAGES / f"{code.upper()}.md"
    if not re.fullmatch(r"SK[0-9]{3}", code.upper()) or not file.is_file():
        return None
    text = file.read_text("utf-8")
    heading, _, body = text.partition("\n")
    failing, corrected = (block[1] for block in _BLOCK.finditer(body))
    why = body[: body.index("```")].strip()
    return Page(code.upper(), heading.partition(": ")[2], why, failing, corrected)


def known_codes() -> tuple[str, ...]:
    return tuple(sorted(file.stem for file in PAGES.glob("SK*.md")))
