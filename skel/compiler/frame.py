"""What a closure may look at besides the object: the time, the bound variables, the item under test."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from skel.patch.pointer import Pointer
from skel.patch.values import Json

Place = tuple[Any, str | int, Pointer]
"""Where a value sits: its container (dict or list), the key or index in it, and the pointer from the object's root.

The container is held, not looked up again: as long as nothing before it in the same array is removed, a place stays
true.
"""


Known = Callable[[str, str, Json], bool]
"""Whether the trace has an object of that kind, namespace (or none) and name."""


def nothing_known(kind: str, namespace: str, name: Json) -> bool:
    """The answer where there is no trace."""
    return False


class Frame:
    """One object's run. `holder[0]` is the object, so that the root has a container too.

    `opened` tells of each `when` block whether its selector held; `skips` are rules and reasons, `findings` rules and
    messages.
    """

    __slots__ = ("bindings", "findings", "holder", "item", "known", "opened", "relative", "rule", "skips", "time")

    def __init__(self, slots: int, blocks: int = 0, known: Known = nothing_known) -> None:
        self.holder: list[Json] = [None]
        self.known = known
        self.rule = 0
        self.time = 0
        self.relative = 0
        self.item: Place = (self.holder, 0, ())
        self.bindings: list[list[Place]] = [[] for _ in range(slots)]
        self.opened = [False] * blocks
        self.skips: list[tuple[int, str]] = []
        self.findings: list[tuple[int, str]] = []

    def skip(self, reason: str) -> None:
        self.skips.append((self.rule, reason))

    def find(self, message: str) -> None:
        self.findings.append((self.rule, message))


def locate(holder: list[Json], pointer: Pointer) -> Place | None:
    """The place of a pointer in the object as it is now, or None if it leads nowhere."""
    container: Json = holder
    key: str | int = 0
    for token in pointer:
        container, key = container[key], token
        if isinstance(container, dict):
            if key not in container:
                return None
        elif not (isinstance(container, list) and isinstance(key, int) and key < len(container)):
            return None
    return container, key, pointer


Predicate = Callable[[Frame], bool]
"""Does the selector hold for the object in the frame? Binds variables on the way."""
