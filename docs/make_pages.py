"""Writes the pages that are made from the code: every diagnostic with its message, why it is so, and the way out; and
every rule of the standard library with its cases.

python -m docs.make_pages           writes docs/errors.md and docs/rules/
python -m docs.make_pages --check   exit code 1 if they are not what would be written
"""

from __future__ import annotations

import sys
from pathlib import Path

import skel
from docs.make_lint_page import lint_pages
from docs.make_rule_pages import left_over, rule_pages
from skel.faults.scenario import codes as faults
from skel.language.codes import Page, known_codes, page
from skel.language.formatter import format_source
from skel.language.render import render
from skel.language.text import Source
from skel.packs import codes as packs
from skel.trace import structure_codes as structure
from skel.upgrade import codes as upgrade

FILE = Path(__file__).resolve().parent / "errors.md"

HEAD = """\
# Error codes

Each message of the compiler has a code. Codes are stable and never used for anything else. `skel explain SK021`
prints the section of that code. This page is made from the code by `make update`.
"""


PACKS = """\
# Complaints about packs

`skel test` and `skel pack verify` use these codes for what is wrong with the files of a [pack](packs.md).
"""


CHECKS = """\
# What a check knows without a rule

Most findings of `skel check` come from [rules](rules/index.md). These come from the facts of the releases.
"""

TRACES = """\
# What contradicts itself in a trace

`skel trace validate` compares the parts of a trace with each other, and runs the rules of the packs for validation.
"""

FAULTS = """\
# Complaints about scenarios

`skel lint`, `skel fault run` and `skel fault check` use these codes for what is wrong with a [scenario](faults.md).
"""


def errors_page() -> str:
    pages = [found for code in known_codes() if (found := page(code))]
    of_packs = [f"## {code}: {title}\n\n{packs.meaning(code)}\n" for code, title in packs.TITLES.items()]
    of_checks = [f"## {code}: {title}\n\n{upgrade.meaning(code)}\n" for code, title in upgrade.TITLES.items()]
    of_traces = [f"## {code}: {title}\n\n{structure.meaning(code)}\n" for code, title in structure.TITLES.items()]
    of_faults = [f"## {code}: {title}\n\n{faults.meaning(code)}\n" for code, title in faults.TITLES.items()]
    parts = [HEAD, *map(section, pages), PACKS, *of_packs, CHECKS, *of_checks, TRACES, *of_traces, FAULTS, *of_faults]
    return "\n".join(parts)


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
    wanted = {FILE: errors_page(), **lint_pages(), **rule_pages()}
    stale = [file for file, text in wanted.items() if not file.exists() or file.read_text("utf-8") != text]
    extra = left_over(wanted)
    if "--check" in sys.argv[1:]:
        for file in (*stale, *extra):
            print(f"{file.relative_to(FILE.parent)} is out of date: run `make update`", file=sys.stderr)
        return 1 if stale or extra else 0
    for file in stale:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(wanted[file], "utf-8")
    for file in extra:
        file.unlink()
    return 0


if __name__ == "__main__":
    sys.exit(main())
