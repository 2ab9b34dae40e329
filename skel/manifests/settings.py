"""Files of settings: YAML that is read and never written back, as values."""

from __future__ import annotations

from typing import Any

import yaml

from skel.language.text import Source
from skel.manifests.syntax import unreadable
from skel.patch.values import Json

_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class NotYamlError(Exception):
    """`nodes.yaml:3:7 is not YAML: a quote is not closed`."""


def documents(data: bytes | str, name: str) -> list[Json]:
    """The values of all documents; `name` is how messages call the file. Raises NotYamlError."""
    try:
        return list(yaml.load_all(data, Loader=_Loader))
    except yaml.YAMLError as error:
        source = Source(name, data if isinstance(data, str) else data.decode("utf-8", "replace"))
        found = unreadable(error, source.text)
        line, column = source.position(found.offset)
        raise NotYamlError(f"{name}:{line}:{column} is not YAML: {found.message}") from None


def document(data: bytes | str, name: str) -> Json:
    """The value of a file with one document, None if there is nothing in it. Raises NotYamlError."""
    found = documents(data, name)
    if len(found) > 1:
        raise NotYamlError(f"{name} holds {len(found)} documents where one is expected")
    return found[0] if found else None
