"""Finds `grammar/`, `stdlib/` and the failure modes: in a checkout, or in `_data` of an installed wheel."""

from __future__ import annotations

from functools import cache
from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


@cache
def root() -> Path:
    """The folder that holds `grammar` and `stdlib`. Raises FileNotFoundError if the installation is broken."""
    for folder in (_PACKAGE / "_data", _PACKAGE.parent):
        if (folder / "grammar" / "skel.lark").is_file():
            return folder
    raise FileNotFoundError("grammar/skel.lark is missing: this installation of skel is incomplete")


def grammar() -> Path:
    return root() / "grammar" / "skel.lark"


def stdlib() -> Path:
    """The folder of the standard library; one folder a pack in it."""
    return root() / "stdlib"


def failure_modes() -> Path:
    """The catalogue of failure modes; one folder each in it."""
    inside = root() / "failure-modes"
    return inside if inside.is_dir() else root() / "examples" / "failure-modes"
