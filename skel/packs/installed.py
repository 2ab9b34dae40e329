"""Packs of installed distributions: entry points of the group `skel.packs`, found without running any of their code."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from skel.packs.manifest import FILE

GROUP = "skel.packs"


@dataclass(frozen=True, slots=True)
class Installed:
    """An entry point: the name of the pack, the distribution, and the folder; None if there is no pack there."""

    name: str
    distribution: str
    value: str
    folder: Path | None


def installed() -> tuple[Installed, ...]:
    """Every entry point of the group, by name. `my_rules.packs.shop` is the folder `packs/shop` in `my_rules`."""
    from importlib.metadata import entry_points

    found = [
        Installed(point.name, point.dist.name if point.dist else "?", point.value, _folder(point.value))
        for point in entry_points(group=GROUP)
    ]
    return tuple(sorted(found, key=lambda item: (item.name, item.distribution)))


def _folder(value: str) -> Path | None:
    """The folder of a dotted name. Only the first part is looked up: finding an inner one would import the outer."""
    first, *rest = value.strip().split(".")
    try:
        spec = find_spec(first) if first.isidentifier() and all(part.isidentifier() for part in rest) else None
    except (ImportError, ValueError):
        return None
    roots = (spec.submodule_search_locations if spec is not None else None) or ()
    folders = (Path(root).joinpath(*rest) for root in roots)
    return next((folder for folder in folders if (folder / FILE).is_file()), None)
