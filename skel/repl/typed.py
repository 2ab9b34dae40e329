"""What a person typed: a command of the prompt, a selector, or a program, and whether it is complete."""

from __future__ import annotations

import re
from collections.abc import Container
from dataclasses import dataclass
from enum import Enum

from skel.compiler.functions import FUNCTIONS, MEASURES
from skel.language.builder_commands import FORMS
from skel.language.nearest import nearest

NAME = "<input>"
_BLOCK_WORDS = ("when", "rule", "define", "import", "param")
_TESTS = ("exists", "known", "target", "image")
_STRINGS = re.compile(r"""#[^\n]*|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'""", re.DOTALL)
_HEAD = re.compile(r"\s*([A-Za-z_]\w*)\s*(\(?)")


class Sort(Enum):
    NOTHING = "nothing"
    ORDER = "order"
    SELECTOR = "selector"
    PROGRAM = "program"


@dataclass(frozen=True, slots=True)
class Typed:
    """`text` is what to go on with: without the colon of an order, with the semicolon that a command lacked."""

    sort: Sort
    text: str


def understand(text: str, definitions: Container[str] = ()) -> Typed:
    """Tell apart what was typed. A command, and the use of one of the definitions, may lack its last semicolon."""
    bare = text.strip()
    if not _STRINGS.sub(_without_comment, bare).strip():
        return Typed(Sort.NOTHING, "")
    if bare.startswith(":"):
        return Typed(Sort.ORDER, bare[1:].strip())
    head = _HEAD.match(bare)
    if head and (head[1] in _BLOCK_WORDS or (head[2] and _is_command(head[1], definitions))):
        return Typed(Sort.PROGRAM, bare if _last(bare) in (";", "}") else f"{bare};")
    return Typed(Sort.PROGRAM if _last(bare) == ";" else Sort.SELECTOR, bare)


def _is_command(name: str, definitions: Container[str]) -> bool:
    """Whether `name(` begins a command, perhaps with a mistake in the name, and not a function of a selector."""
    if name in FORMS or name in definitions:
        return True
    return name not in (*FUNCTIONS, *MEASURES, *_TESTS) and nearest(name, FORMS) is not None


def is_open(text: str) -> bool:
    """Whether more lines must follow: a bracket is open. An empty line ends every input, a `;` all but a block."""
    if text.lstrip().startswith(":") or text.endswith("\n"):
        return False
    code = without_strings(text)
    if _depth(code, "{", "}") > 0:
        return True
    return not code.rstrip().endswith(";") and (_depth(code, "(", ")") > 0 or _depth(code, "[", "]") > 0)


def without_strings(text: str) -> str:
    """The text without its complete strings and its comments."""
    return _STRINGS.sub("", text)


def _depth(code: str, opening: str, closing: str) -> int:
    return code.count(opening) - code.count(closing)


def _last(text: str) -> str:
    """The last character that is no comment."""
    return _STRINGS.sub(_without_comment, text).rstrip()[-1:]


def _without_comment(match: re.Match[str]) -> str:
    return "" if match[0].startswith("#") else match[0]
