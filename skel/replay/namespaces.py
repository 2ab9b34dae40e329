"""Each namespace of the trace becomes one of the simulation: `shop` is `virtual-shop`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from hashlib import sha256

from skel.patch.values import Json

PREFIX = "virtual"
_LONGEST = 63
"""Characters of a DNS label (RFC 1123), which the name of a namespace is."""
_SUBJECTS = frozenset({"RoleBinding", "ClusterRoleBinding"})


_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?", re.ASCII)


def is_label(text: str) -> bool:
    """Whether it can begin the name of a namespace, and leaves room for the rest."""
    return len(text) <= _LONGEST // 2 and _LABEL.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Namespaces:
    """The names, by prefix."""

    prefix: str = PREFIX

    def virtual(self, namespace: str) -> str:
        """The namespace of the simulation; an object without one lives in `default`."""
        full = f"{self.prefix}-{namespace or 'default'}"
        if len(full) <= _LONGEST:
            return full
        # Two long names that begin alike must stay two.
        return f"{full[: _LONGEST - 9]}-{sha256(full.encode()).hexdigest()[:8]}"

    def redirect(self, manifest: dict[str, Json]) -> None:
        """Let what names a namespace inside of an object mean the one of the simulation."""
        if manifest.get("kind") in _SUBJECTS and isinstance(manifest.get("subjects"), list):
            for subject in manifest["subjects"]:
                if isinstance(subject, dict) and isinstance(subject.get("namespace"), str):
                    subject["namespace"] = self.virtual(subject["namespace"])
