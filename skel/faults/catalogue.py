"""Historical failure modes that are kept as scenarios, a folder each: `scenario.yaml` and a page."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from skel import resources
from skel.faults.errors import FaultError
from skel.faults.model import Scenario
from skel.faults.scenario.parse import open_scenario
from skel.language.nearest import nearest

FILE = "scenario.yaml"
PAGE = "README.md"


@dataclass(frozen=True, slots=True)
class Entry:
    """A failure mode. `page` tells its story."""

    name: str
    folder: Path
    scenario: Scenario

    @property
    def page(self) -> Path:
        return self.folder / PAGE


def names() -> tuple[str, ...]:
    """The failure modes that are known."""
    return tuple(sorted(file.parent.name for file in resources.failure_modes().glob(f"*/{FILE}")))


def find(name: str) -> Entry:
    """The failure mode of a name. Raises FaultError, and SkelError for one that can't be read."""
    known = names()
    if name not in known:
        near = nearest(name, known)
        hint = f"did you mean `{near}`?" if near else "`skel fault list` shows them"
        raise FaultError(f"there is no failure mode `{name}`", hint)
    folder = resources.failure_modes() / name
    return Entry(name, folder, open_scenario(folder / FILE, illegal=True))


def entries() -> tuple[Entry, ...]:
    return tuple(map(find, names()))
