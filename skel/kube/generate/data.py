"""The files of data as they are, and as they should be."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from skel.kube.generate.facts import Gvk, MinorFacts
from skel.kube.generate.lifecycle import Row, pack, unpack
from skel.kube.generate.pack import pack_fields, pack_kinds
from skel.kube.generate.pack import unpack as unpack_facts
from skel.kube.generate.sources import minor_number
from skel.kube.tables import FOLDER

FILES = ("kinds.json", "fields.json", "lifecycle.json")
ORIGIN = "origin.json"


@dataclass(frozen=True, slots=True)
class Knowledge:
    """Everything that is kept: `origins` is version and sha256 of the document of each minor."""

    facts: Mapping[str, MinorFacts]
    origins: Mapping[str, Mapping[str, str]]
    markers: Mapping[Gvk, Row]
    checked: str


NOTHING = Knowledge({}, {}, {}, "")


def stored() -> Knowledge:
    """What the files say; nothing if there are none."""
    if not (FOLDER / ORIGIN).is_file():
        return NOTHING
    origin = json.loads((FOLDER / ORIGIN).read_text("utf-8"))
    texts = {name: (FOLDER / name).read_text("utf-8") for name in FILES}
    minors = tuple(origin["minors"])
    facts = unpack_facts(texts["kinds.json"], texts["fields.json"], minors)
    return Knowledge(facts, origin["minors"], unpack(texts["lifecycle.json"]), origin["checked"])


def texts_of(knowledge: Knowledge) -> dict[str, str]:
    """The files, by name."""
    facts = {minor: knowledge.facts[minor] for minor in sorted(knowledge.facts, key=minor_number)}
    kinds = (gvk for known in facts.values() for gvk in known.kinds)
    made = (pack_kinds(facts), pack_fields(facts), pack(knowledge.markers, kinds))
    texts = dict(zip(FILES, made, strict=True))
    origin: dict[str, Any] = {
        "checked": knowledge.checked,
        "minors": {minor: dict(knowledge.origins[minor]) for minor in facts},
        "files": {name: hashlib.sha256(text.encode()).hexdigest() for name, text in texts.items()},
    }
    return {**texts, ORIGIN: _origin_text(origin)}


def _origin_text(origin: Mapping[str, Any]) -> str:
    """A line for each minor and each file."""
    parts = [f'"checked": {json.dumps(origin["checked"])}']
    for name in ("minors", "files"):
        rows = ",\n".join(f"  {json.dumps(key)}: {json.dumps(value)}" for key, value in origin[name].items())
        parts.append(f'"{name}": {{\n{rows}\n}}')
    return "{\n" + ",\n".join(parts) + "\n}\n"


def differing(texts: Mapping[str, str]) -> list[str]:
    """Which files of data are not as they should be."""
    return [name for name, text in texts.items() if not _is_file_with(name, text)]


def _is_file_with(name: str, text: str) -> bool:
    file = FOLDER / name
    return file.is_file() and file.read_bytes() == text.encode()
