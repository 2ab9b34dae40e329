"""Writes what the documentation of faults takes from the code and from stored runs: the JSON Schema of scenarios, the
tables of actions and oracles, and the table of failure modes, whose rows `make failure-modes` has measured.

python -m docs.make_faults           writes docs/fault-scenario.schema.json and the blocks of docs/faults.md
python -m docs.make_faults --check   exit code 1 if they are not what would be written
"""

from __future__ import annotations

import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from examples.failure_modes import RELEASES, RESULTS
from skel.faults.catalogue import Entry, entries
from skel.faults.oracles.known import KNOWN
from skel.faults.scenario.schema import schema_text
from skel.report.faults.lists import action_rows

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "faults.md"
SCHEMA = DOCS / "fault-scenario.schema.json"
SOURCE = "https://github.com/kubernetes/"


def block(name: str) -> re.Pattern[str]:
    return re.compile(rf"(<!-- {name} -->\n).*?(<!-- end -->)", re.DOTALL)


def actions() -> Iterator[str]:
    yield "| in a file | does |"
    yield "|---|---|"
    for row in action_rows():
        if row["trigger"]:
            continue
        fields = ", ".join(row["fields"])
        mark = "" if row["legal"] else " **Illegal.**"
        yield f"| `{row['name']}`{f': {fields}' if fields else ''} | {row['about']}{mark} |"


def oracles() -> Iterator[str]:
    yield "| invariant | says |"
    yield "|---|---|"
    yield from (f"| `{oracle.name}` | {oracle.about} |" for oracle in KNOWN)


def modes() -> Iterator[str]:
    """A row for each failure mode, a column for each release; what has no gate in it ran with the defaults."""
    stored: dict[str, dict[str, list[dict[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in json.loads(RESULTS.read_text("utf-8")):
        stored[row["name"]][row["kubernetes"]].append(row)
    yield f"| failure mode | {' | '.join(RELEASES)} |"
    yield f"|---|{'---|' * len(RELEASES)}"
    for entry in entries():
        cells = [_cell(stored[entry.name][release]) for release in RELEASES]
        yield f"| {_title(entry)} | {' | '.join(cells)} |"


def _title(entry: Entry) -> str:
    links = ", ".join(f"[{_number(link)}]({link})" for link in entry.scenario.links)
    return f"**{entry.name}**: {entry.scenario.title} ({links})"


def _number(link: str) -> str:
    return (
        link.removeprefix(SOURCE)
        .replace("kubernetes/issues/", "#")
        .replace("kubernetes/pull/", "#")
        .replace("enhancements/issues/", "KEP-")
    )


def _cell(rows: list[dict[str, Any]]) -> str:
    return "<br>".join(_run(row) for row in sorted(rows, key=lambda row: bool(row["gates"]))) or "not run"


def _run(row: dict[str, Any]) -> str:
    gates = ", ".join(f"{name} {'on' if on else 'off'}" for name, on in row["gates"].items())
    said = "passes" if row["verdict"] == "passed" else f"**fails**: {row['message']}"
    pods = f", pods {', '.join(map(str, row['pods']))}" if max(row["pods"], default=0) > 0 else ""
    return f"{f'{gates}: ' if gates else ''}{said}{pods}, {row['identical']} of {row['runs']}"


def page() -> str:
    text = PAGE.read_text("utf-8")
    for name, lines in (("actions", actions()), ("oracles", oracles()), ("modes", modes())):
        made = "".join(f"{line}\n" for line in lines)
        text = block(name).sub(lambda found, made=made: f"{found[1]}{made}{found[2]}", text)  # type: ignore[misc]
    return text


def main() -> int:
    wanted = {SCHEMA: schema_text(), PAGE: page()}
    stale = [file for file, text in wanted.items() if not file.exists() or file.read_text("utf-8") != text]
    if "--check" in sys.argv[1:]:
        for file in stale:
            print(f"{file.relative_to(DOCS)} is out of date: run `make update`", file=sys.stderr)
        return int(bool(stale))
    for file in stale:
        file.write_text(wanted[file], "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
