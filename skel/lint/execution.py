"""How lints try a program on objects. The engine behind it, `trial.execute`, is loaded by those who have use for it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from skel.language import ast
from skel.patch.values import Json

Execute = Callable[[ast.ResolvedModule, Sequence[Json], Mapping[str, str]], list[Json] | None]
"""Runs a program with some targets on objects: what becomes of each, None for one that is gone; None altogether if it
can't be run on them.
"""


@dataclass(frozen=True, slots=True)
class Touched:
    """How many objects of a trace a rule selects, and how many it changes or reports."""

    selected: int
    changed: int
