"""Writes the page that is made from the code: every diagnostic with its message, why it is so, and the way out.

python -m docs.make_pages           writes docs/errors.md
python -m docs.make_pages --check   exit code 1 if it is not what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

import skel
from skel.language.codes import Page, known_codes, page
from skel.language.formatter import format_source
from skel.language.render import render
from skel.language.text import Source

FILE = Path(__file__).resolve().parent / "errors.md"

HEAD = """\
# Error codes

Each message of the compiler has a code. Codes are stable and never used for anything else. `skel explain SK021`
prints the section of that code. This page is made from the code by `make update`.
"""


def errors_page() -> str:
    pages = [found for code in known_codes() if (found := page(code))]
    return "\n".join([HEAD, *map(section, pages)])


def section(found: Page) -> str:
    """A heading, the reason, the failing program with its message, and the corrected one."""
    wrong = is_error(found.failing)
    failing = found.failing if wrong else formatted(found.failing)
    message = message_of(failing)
    title = ' title="error"' if wrong else ""
    return (
        f"## {found.code}: {found.title}\n\n{found.why}\n\n"
        f"```skel{title}\n{failing}```\n\n```text\n{message}\n```\n\nCorrected:\n\n```skel\n{formatted(found.corrected)}```\n"
    )


def formatted(program: str) -> str:
    return format_source(Source("example.skel", program))


def is_error(program: str) -> bool:
    try:
        skel.compile(program, name="example.skel")
    except skel.SkelError:
        return True
    return False


def message_of(program: str) -> str:
    try:
        found = skel.compile(program, name="example.skel").warnings
    except skel.SkelError as error:
        found = error.diagnostics
    return render(found).strip()


def main() -> int:
    wanted = errors_page()
    if "--check" in sys.argv[1:]:
        if FILE.exists() and FILE.read_text("utf-8") == wanted:
            return 0
        print(f"{FILE.name} is out of date: run `make update`", file=sys.stderr)
        return 1
    FILE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
