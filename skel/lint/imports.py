"""What a file gives to those who import it, and what it takes from others."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from skel.language import ast
from skel.language.imports import ImportFailure, Loader
from skel.language.parser import parse
from skel.lint.nodes import uses, variables


def names_of(statement: ast.Import, loader: Loader) -> frozenset[str] | None:
    """The definitions and parameters of an imported file; None if it can't be read."""
    try:
        source = loader.read(loader.locate(statement.path, statement.span.source))
    except ImportFailure:
        return None
    statements = parse(source).module.statements
    return frozenset(item.name for item in statements if isinstance(item, ast.Define | ast.Param))


def used_by_importers(modules: Iterable[ast.Module], loader: Loader) -> dict[Path, frozenset[str]]:
    """For each imported file, the names that those who import it use."""
    found: dict[Path, frozenset[str]] = {}
    for module in modules:
        names = frozenset((*uses(module.statements), *variables(module.statements)))
        for statement in module.statements:
            if isinstance(statement, ast.Import):
                place = _place(statement, loader)
                if place is not None:
                    found[place] = found.get(place, frozenset()) | names
    return found


def _place(statement: ast.Import, loader: Loader) -> Path | None:
    try:
        return Path(loader.locate(statement.path, statement.span.source)).resolve()
    except (ImportFailure, OSError, ValueError):
        return None
