"""New names for what the rules can't rename: keys of maps, API groups, kinds, and fields of kinds of one's own.

The same text gets the same name everywhere, as with the function `pseudonym` of the language, which makes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import lru_cache

from skel.compiler.functions import pseudonym
from skel.kube.gvk import group_of, gvk, split_gvk
from skel.tools.anonymise.vocabulary import (
    PUBLIC_LABELS,
    ROLE_DOMAIN,
    is_own_group,
    is_public_domain,
    is_role,
    known_fields,
    known_kinds,
    known_resources,
)

_VERSION = re.compile(r"v[0-9]+((alpha|beta)[0-9]+)?", re.ASCII)
_OF_CLASS = re.compile(r"(?P<name>.+)(?P<rest>\.storageclass\.storage\.k8s\.io)", re.ASCII)
_LABEL_OF_FIELD = re.compile(r"(?P<before>metadata\.(?:labels|annotations)\[')(?P<key>[^']*)(?P<behind>'\])")


@dataclass(frozen=True, slots=True)
class OwnKind:
    """A kind of one's own, with the words under which its definition has it served."""

    group: str
    kind: str
    plural: str = ""
    others: tuple[str, ...] = ()


@dataclass(slots=True)
class Renames:
    """`secret` is the key; `texts` are the words that stand for groups and kinds, each as a whole."""

    secret: bytes
    texts: dict[str, str] = field(default_factory=dict)
    groups: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, secret: bytes, kinds: Iterable[OwnKind]) -> Renames:
        made = cls(secret)
        for own in sorted(kinds, key=lambda kind: (kind.group, kind.kind)):
            made.groups.add(own.group)
            made._add(own)
        return made

    def _add(self, own: OwnKind) -> None:
        plural = own.plural or _plural(own.kind)
        group, kind = self.domain(own.group), self.kind(own.kind)
        words = {own.group: group, own.kind: kind, f"{plural}.{own.group}": f"{self.plural(own.kind, plural)}.{group}"}
        if plural not in known_resources():
            words[plural] = self.plural(own.kind, plural)
        for other in own.others:
            if other not in known_resources():
                words[other] = self.name("kind", other)
        self.texts.update(words)

    def name(self, space: str, text: str) -> str:
        """`key-` and ten letters."""
        return pseudonym(self.secret, text, space) or ""

    def domain(self, text: str) -> str:
        return text if is_public_domain(text) else f"{self.name('group', text)}.example"

    def kind(self, text: str) -> str:
        """A kind that others have too, such as Service, keeps its name."""
        return text if text in known_kinds() else "Kind" + self.name("kind", text).removeprefix("kind-")

    def plural(self, kind: str, plural: str) -> str:
        return plural if plural in known_resources() else f"{self.kind(kind).lower()}s"

    def api_version(self, text: str) -> str:
        group = group_of(text)
        return f"{self.domain(group)}/{text.rpartition('/')[2]}" if is_own_group(group) else text

    def group(self, text: str) -> str:
        """An API group, wherever one is named."""
        return self.domain(text) if is_own_group(text) and "." in text else text

    def resource_of_group(self, text: str) -> str:
        """`widgets` or `widgets/status` in a rule about groups of one's own, which may have no definition here."""
        resource, slash, part = text.partition("/")
        if resource == "*" or resource in known_resources():
            return text
        return f"{self.texts.get(resource) or self.name('kind', resource)}{slash}{part}"

    def gvk(self, text: str) -> str:
        """`acme.example/v1.Widget` as it is called now."""
        api_version, kind = split_gvk(text)
        return gvk(self.api_version(api_version), self.kind(kind)) if is_own_group(group_of(api_version)) else text

    def key(self, text: str) -> str:
        """The key of any map: one that begins with a domain of one's own has none of it left."""
        prefix, slash, name = text.rpartition("/")
        if not slash:
            return self._dotted(text)
        if prefix == ROLE_DOMAIN:
            return text if is_role(name) else f"{prefix}/{self.name('key', name)}"
        if found := _OF_CLASS.fullmatch(prefix):
            return f"{self.name('name', found['name'])}{found['rest']}/{name}"
        if "." in prefix:
            return text if is_public_domain(prefix) else f"{self.domain(prefix)}/{self.name('key', name)}"
        return f"{prefix}/{self._dotted(name)}"

    def _dotted(self, text: str) -> str:
        """`widgets.acme.example`: a resource with its group."""
        resource, dot, group = text.partition(".")
        if not dot or group not in self.groups:
            return text
        return self.texts.get(text, f"{self.name('key', resource)}.{self.domain(group)}")

    def label(self, text: str) -> str:
        """The key of a label: without a domain it stays only if everybody has such a label."""
        renamed = self.key(text)
        if renamed != text or "/" in text or text in PUBLIC_LABELS:
            return renamed
        return self.name("key", text)

    def field(self, text: str) -> str:
        """A field of a kind of one's own: those that kinds of Kubernetes have stay."""
        return text if text in known_fields() else "field" + self.name("field", text).removeprefix("field-")

    def text(self, text: str) -> str:
        """A text as a whole: the name of a group or kind, a version of a group, a resource or a part of one."""
        found = self.texts.get(text)
        if found is not None:
            return found
        before, slash, behind = text.rpartition("/")
        if slash:
            if before in self.groups and _VERSION.fullmatch(behind):
                return self.api_version(text)
            return f"{self.texts[before]}/{behind}" if before in self.texts else text
        version, _, group = text.partition(".")
        return f"{version}.{self.domain(group)}" if group in self.groups and _VERSION.fullmatch(version) else text

    def field_path(self, text: str) -> str:
        """`metadata.labels['team']` of the downward API."""
        return _LABEL_OF_FIELD.sub(lambda found: f"{found['before']}{self.label(found['key'])}{found['behind']}", text)

    def resource(self, text: str) -> str:
        """`limits.acme.example/fpga` of the downward API."""
        side, dot, name = text.partition(".")
        return f"{side}.{self.key(name)}" if dot and side in {"limits", "requests"} else self.key(text)


def own_kind(api_version: str, kind: str) -> OwnKind | None:
    """The kind if its group is nobody else's."""
    group = group_of(api_version)
    return OwnKind(group, kind) if is_own_group(group) else None


@lru_cache(maxsize=1024)
def _plural(kind: str) -> str:
    """As tools guess it; a definition says it."""
    word = kind.lower()
    if word.endswith(("s", "x", "ch", "sh")):
        return f"{word}es"
    return f"{word[:-1]}ies" if word.endswith("y") and word[-2:-1] not in set("aeiou") else f"{word}s"
