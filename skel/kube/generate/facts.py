"""What one minor says, between the OpenAPI document and the files of data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

Gvk = tuple[str, str]
Definition = Mapping[str, str]
"""Each field with its type and flags, as `data/fields.json` writes them: `[]@core.v1.Container required`."""


class NotUnderstood(ValueError):
    """A document has a form that was not seen yet; the generator must learn it before the data can be trusted."""


@dataclass(frozen=True, slots=True)
class KindFact:
    """How a minor serves a kind. `definition` is empty for the few that have none, such as PodExecOptions."""

    resource: str
    namespaced: bool
    definition: str


@dataclass(frozen=True, slots=True)
class MinorFacts:
    kinds: Mapping[Gvk, KindFact]
    definitions: Mapping[str, Definition]
