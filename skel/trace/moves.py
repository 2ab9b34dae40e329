"""What a run did to the identities of objects: the input for everything that is derived from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from skel.trace.identity import Identity


@dataclass(slots=True)
class Moves:
    """Collected by the engine, read by `rebuild`.

    Objects that no command could touch need not be looked at, but for those of an identity in `lost`: `stayed` must say
    whether any is left.
    """

    seen: dict[Identity, int | None] = field(default_factory=dict)
    """Identity of each applied object after the run -> hash of its last spec if either changed, else None."""
    moved: dict[Identity, list[Identity]] = field(default_factory=dict)
    """Identity before the run -> the other ones that objects of it took, in order."""
    lost: set[Identity] = field(default_factory=set)
    """Identities that lost an object, applied or deleted, because it moved or left the trace."""
    stayed: set[Identity] = field(default_factory=set)
    """Those of `lost` of which an applied object is still there under the same identity. Not the same as `seen`: when
    two objects swap names, both are seen and none stayed."""
    added: dict[Identity, Identity | None] = field(default_factory=dict)
    """Identity of each clone -> the one it was made from, as that was before the run; None for inserted objects."""
    kinds_left: Counter[str] = field(default_factory=Counter)
    """How many objects, applied or deleted, of each gvk are in the trace after the run."""

    def leaves(self, identity: Identity) -> bool:
        """Whether no applied object keeps an identity that lost one."""
        return identity in self.lost and identity not in self.stayed

    def heirs(self, identity: Identity) -> list[Identity]:
        """Under which identities the entry of this one goes on, each once; the first takes its place."""
        own = [] if self.leaves(identity) else [identity]
        return list(dict.fromkeys([*own, *self.moved.get(identity, ())]))

    def newcomers(self) -> Iterator[tuple[Identity, Identity | None]]:
        """Every identity that an object newly has, and the one it comes from, None for an inserted object."""
        yield from ((heir, source) for source, heirs in self.moved.items() for heir in heirs)
        yield from self.added.items()

    def copies(self) -> dict[Identity, list[Identity]]:
        """Identity before the run -> clones of its object."""
        result: dict[Identity, list[Identity]] = {}
        for clone, source in self.added.items():
            if source is not None:
                result.setdefault(source, []).append(clone)
        return result
