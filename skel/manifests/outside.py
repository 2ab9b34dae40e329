"""What stands beside manifests and is no object of a cluster: said quietly, and never an error."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum

from skel.findings.model import NotChecked


class Outside(Enum):
    """Why something was left out: what it is, and what to do about it."""

    TEMPLATE = ("Helm templates", "they are no YAML yet: `helm template CHART | skel check -`")
    KUSTOMIZATION = ("kustomizations", "they are built first: `kubectl kustomize FOLDER | skel check -`")
    OTHER = ("other documents", "no `apiVersion` and `kind`, so no objects of a cluster")
    UNREADABLE = ("other files", "they can't be read, and name no `apiVersion`")


# A tag of Helm that stands where YAML has structure: a line of its own, or a bare value.
_TEMPLATE = re.compile(
    r"^\s*(?:- )?\{\{-?\s*(?:if|else|end|range|with|define|include|template|block|toYaml|/\*|\$[\w.]*\s*:=|\.\w|-?\}\})"
    r"|^[^\"'#|>]*:\s+\{\{|^\s*- \{\{",
    re.MULTILINE,
)
_SHOWN = 3


def is_template(text: str) -> bool:
    """Whether this reads like a template of Helm, which is rendered before it is YAML."""
    return "{{" in text and _TEMPLATE.search(text) is not None


def count(left_out: Iterable[tuple[Outside, str]]) -> tuple[NotChecked, ...]:
    """A line for each kind, with the first few files."""
    files: Mapping[Outside, list[str]] = {kind: [] for kind in Outside}
    for kind, file in left_out:
        files[kind].append(file)
    return tuple(NotChecked(kind.value[0], len(found), _reason(kind, found)) for kind, found in files.items() if found)


def _reason(kind: Outside, files: list[str]) -> str:
    names = list(dict.fromkeys(files))
    more = f" and {len(names) - _SHOWN} more files" if len(names) > _SHOWN else ""
    return f"{kind.value[1]} ({', '.join(names[:_SHOWN])}{more})"
