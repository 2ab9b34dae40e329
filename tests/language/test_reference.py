"""What the reference tool accepts is accepted; what it refuses is refused, but for extensions."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skel.language.analyse import analyse_all
from skel.language.text import Source

CASES = Path(__file__).resolve().parents[3] / "shared" / "reference"

# Refused by the reference, meant here: each is part of the extended language.
EXTENSIONS = {
    "031-paren-grouping": "parentheses",
    "052-single-quotes": "strings in single quotes",
    "054-negative-index": "indices from the end",
    "061-float-rhs": "decimal numbers",
    "063-array-rhs": "lists",
    "065-bom": "a byte order mark is skipped",
    "091-string-escaped-quote": 'a quote in a string, \\"',
    "123-path-quoted-tilde": "any character in a quoted key",
    "214-ts-combined-units": "times such as 1h30m",
}
# Accepted by the reference, refused here: it reads them wrongly, or writes what no API server takes.
REFUSED = {
    "088-string-with-hash-multiline": "a `#` inside a string does not begin a comment",
    "305-modify-kind-number": "a kind is a string",
}


def program(case: str) -> str:
    return (CASES / "cases" / case / "program.skel").read_bytes().decode()


@pytest.mark.shared
def test_reference_cases() -> None:
    if not CASES.is_dir():
        pytest.skip("the reference cases (../shared/reference) are not on this machine")
    for case in json.loads((CASES / "index.json").read_text("utf-8"))["cases"]:
        name, outcome = case["id"], case["outcome"]
        errors = analyse_all(Source("program.skel", program(name))).errors
        if outcome == "ok":
            assert bool(errors) == (name in REFUSED), (name, errors)
        elif outcome == "parse_error":
            assert bool(errors) == (name not in EXTENSIONS), (name, errors)
