"""The form of a value: the quick check of `typed`, the decoder of `decode` behind it, and the lists of `applied`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from skel.kube.fields import Field
from skel.patch.values import Json
from skel.replay.dry.applied import Look, lists_of
from skel.replay.dry.cause import Steps
from skel.replay.dry.decode import Form, Read, Unknown, reader
from skel.replay.dry.typed import Type, is_clean, type_of


@dataclass(frozen=True, slots=True)
class Shape:
    tree: Field
    type: Type | None
    readers: Mapping[Form, Read]
    lists: Look | None

    @classmethod
    def of(cls, tree: Field) -> Shape:
        return cls(tree, type_of(tree), {form: reader(tree, form) for form in Form}, lists_of(tree))

    def read(self, value: Json, form: Form) -> tuple[Json, Unknown]:
        """The clean value, which may be the value itself, and the fields that are not known. Raises Mismatch."""
        unknown: Unknown = []
        return (value if is_clean(self.type, value) else self.readers[form](value, unknown)), unknown

    def list_problems(self, clean: Json) -> tuple[tuple[Steps, str], ...]:
        return tuple(self.lists(clean)) if self.lists else ()
