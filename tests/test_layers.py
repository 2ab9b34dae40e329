"""Each room imports only rooms above it, so there are no cycles and each can be read without those below."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = ROOT / "skel"

# From the ground up. A room that does not exist yet keeps its place.
ORDER = (
    "resources",
    "processes",
    "patch",
    "kube",
    "findings",
    "language",
    "storage",
    "trace",
    "manifests",
    "compiler",
    "engine",
    "program",
    "packs",
    "lint",
    "upgrade",
    "client",
    "record",
    "cluster",
    "replay",
    "faults",
    "query",
    "tools",
    "report",
    "fleet",
    "repl",
    "tui",
    "cli",
)

# Late imports belong to start-up time, not to cycles: only the command line (a verb loads what it needs), the public
# API and what it says here may write an import inside a function. What is imported late obeys the order as well.
LATE_ROOMS = ("cli", "")
LATE_LIBRARIES = {
    "asyncio": "40 ms; only for what is in a bucket",
    "concurrent": "with asyncio",
    "datetime": "only for what is in a bucket",
    "distributed": "an extra; only for a fleet on other machines",
    "http": "20 ms; only for what a web server has",
    "importlib": "60 ms for the metadata of distributions; only installed packs, and workers that compare versions",
    "jinja2": "50 ms; only the HTML report",
    "jsonpatch": "40 ms; only for people who ask for another implementation's opinion",
    "jsonpath_ng": "60 ms; only `skel query`",
    "lark": "100 ms to build a parser; the cached tables need less",
    "obstore": "an extra; only for what is in a bucket",
    "pyarrow": "an extra; only for Parquet",
    "platformdirs": "30 ms; only for packs from elsewhere",
    "markupsafe": "only the HTML report, with jinja2",
    "prompt_toolkit": "only the interactive prompt, and only if it is installed",
    "re2": "only programs with regular expressions",
    "readline": "absent on some systems; the prompt works without it",
    "rich": "only where something is printed in colour",
    "ssl": "20 ms; only for what a web server has",
    "tarfile": "20 ms; only for packs from elsewhere",
    "urllib": "40 ms; only for what a web server has",
    "yaml": "only the JSON form and reports",
    "zstandard": "an extra; only for files that are packed with it",
}


@dataclass(frozen=True, slots=True)
class ImportLine:
    """One import of `module` in a file of `room`; `late` if it stands inside a function."""

    room: str
    module: str
    file: Path
    line: int
    late: bool

    @property
    def target(self) -> str:
        """The room that is imported: "trace" for `skel.trace.codec`, "" for `skel` itself."""
        return self.module.partition(".")[2].partition(".")[0]

    def __str__(self) -> str:
        return f"{self.file.relative_to(ROOT)}:{self.line}: imports {self.module}"


def room_of(file: Path) -> str:
    """ "trace" for skel/trace/codec.py, "resources" for skel/resources.py, "" for skel/__init__.py."""
    first = file.relative_to(PACKAGE).parts[0]
    return "" if first in {"__init__.py", "__main__.py"} else first.removesuffix(".py")


def imported_modules(node: ast.AST) -> list[str]:
    match node:
        case ast.Import(names=names):
            return [name.name for name in names]
        case ast.ImportFrom(module=module, level=0, names=names) if module == "skel":
            rooms = {name.name for name in names if name.name in ORDER}
            return [f"skel.{room}" for room in sorted(rooms)] or ["skel"]
        case ast.ImportFrom(module=str(module), level=0):
            return [module]
        case ast.ImportFrom():
            pytest.fail("relative imports hide the room; write `from skel.room import ...`")
        case _:
            return []


def walk(node: ast.AST, *, late: bool) -> Iterator[tuple[ast.AST, bool]]:
    for child in ast.iter_child_nodes(node):
        if is_type_checking(child):
            continue
        yield child, late
        inside = late or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        yield from walk(child, late=inside)


def is_type_checking(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING"


def import_lines() -> list[ImportLine]:
    return [
        ImportLine(room_of(file), module, file, getattr(node, "lineno", 0), late)
        for file in sorted(PACKAGE.rglob("*.py"))
        for node, late in walk(ast.parse(file.read_text("utf-8")), late=False)
        for module in imported_modules(node)
    ]


LINES = import_lines()
OWN = [line for line in LINES if line.module.split(".")[0] == "skel"]


def test_every_room_has_its_place() -> None:
    rooms = {room_of(file) for file in PACKAGE.rglob("*.py") if "_data" not in file.parts} - {""}
    assert rooms <= set(ORDER), f"not in ORDER: {sorted(rooms - set(ORDER))}"


def test_rooms_import_only_what_is_above_them() -> None:
    rank = {room: number for number, room in enumerate(ORDER)}
    wrong = [
        str(line)
        for line in OWN
        if line.room and line.target and line.target != line.room and rank[line.target] > rank[line.room]
    ]
    assert not wrong, "\n".join(wrong)


def test_no_file_needs_itself() -> None:
    """No circles between files either, not even those that only the type checker would see."""
    needs: dict[str, set[str]] = {}
    for file in sorted(PACKAGE.rglob("*.py")):
        found = (imported_files(node) for node in ast.walk(ast.parse(file.read_text("utf-8"))))
        needs[module_of(file)] = {name for names in found for name in names} - {"skel"}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


def module_of(file: Path) -> str:
    return ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported_files(node: ast.AST) -> list[str]:
    """The modules of ours that an import reads: `from skel.language import ast` reads both names."""
    match node:
        case ast.ImportFrom(module=str(module), names=names) if module.startswith("skel"):
            inner = [f"{module}.{name.name}" for name in names]
            return [name for name in inner if (ROOT / f"{name.replace('.', '/')}.py").is_file()] or [module]
        case ast.Import(names=names):
            return [name.name for name in names if name.name.startswith("skel")]
        case _:
            return []


def test_no_room_imports_the_public_api() -> None:
    """`skel/__init__.py` stands on all rooms; a room that used it would be below and above itself."""
    wrong = [str(line) for line in OWN if line.room not in LATE_ROOMS and not line.target]
    assert not wrong, "\n".join(wrong)


def test_late_imports_are_declared() -> None:
    late = [line for line in LINES if line.late and line.room not in LATE_ROOMS]
    wrong = [str(line) for line in late if line.module.split(".")[0] not in LATE_LIBRARIES]
    assert not wrong, "\n".join(wrong)
