"""`pack.yaml`: what a pack is, and the order of its rules."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from skel.findings.severity import Safety, Severity
from skel.kube.version import version_key
from skel.language.diagnostic import Diagnostic
from skel.language.text import Source, Span
from skel.packs.codes import MANIFEST, RULE_LIST, UNREADABLE
from skel.packs.fields import Fields
from skel.packs.yaml_nodes import Entries, Scalar, Unreadable, read_node

FILE = "pack.yaml"
KEYS = (
    "name",
    "version",
    "component",
    "title",
    "description",
    "kind",
    "prefix",
    "from",
    "to",
    "groups",
    "rules",
)
MOST_RULES = 5_000
LARGEST = 1_000_000
"""Bytes of a file of a pack."""

PACK_NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")
RESERVED = ("SK", "PK")
"""Prefixes of the language and of this room."""
_PREFIX = re.compile(rf"(?!(?:{'|'.join(RESERVED)})$)[A-Z]{{2,4}}")
_RULE = re.compile(r"[A-Za-z0-9_.-]+(?:/[A-Za-z0-9_.-]+)*")


class Kind(StrEnum):
    """Who runs the rules: `check` and `migrate`, `trace validate`, or `transform` on request."""

    UPGRADE = "upgrade"
    VALIDATE = "validate"
    TRANSFORM = "transform"


@dataclass(frozen=True, slots=True)
class PackRule:
    """One rule with what it says about itself; `id` is the stem of its file, `path` its entry in the manifest.

    `since`, `deprecated`, `url` and `alias` are empty where the rule has none. The body is in `source`, not compiled.
    """

    id: str
    path: str
    code: str
    title: str
    why: str
    category: str
    deprecated: str
    since: str
    severity: Severity
    safety: Safety
    url: str
    alias: str
    source: Source
    cases_file: Path


@dataclass(frozen=True, slots=True)
class Pack:
    """A folder of rules. `oldest` and `newest` are the releases of the component that it knows ("" if not said).

    `component` is empty for rules that always hold. `origin` says where the pack is from, for people.
    """

    name: str
    version: str
    component: str
    title: str
    description: str
    kind: Kind
    prefix: str
    oldest: str
    newest: str
    groups: tuple[str, ...]
    folder: Path
    listed: tuple[Scalar, ...] = ()
    rules: tuple[PackRule, ...] = ()
    origin: str = ""

    def rule(self, name: str) -> PackRule | None:
        """The rule of that id, code or alias."""
        wanted = name.lower()
        return next((rule for rule in self.rules if wanted in {rule.id, rule.code.lower(), rule.alias.lower()}), None)

    @property
    def file(self) -> Path:
        return self.folder / FILE


def read_manifest(folder: Path) -> tuple[Pack | None, tuple[Diagnostic, ...]]:
    """The pack of a folder, its rules not read yet, and everything that is wrong with `pack.yaml`.

    A pack is there as soon as the file holds a map: what is wrong in it has a neutral value.
    """
    source, wrong = read_text(folder / FILE)
    if source is None:
        return None, wrong
    try:
        node = read_node(source)
    except Unreadable as error:
        return None, (error.diagnostic,)
    if not isinstance(node, Entries):
        start = Span(source, 0, 0)
        return None, (MANIFEST.at(start, "a manifest is a map that begins with `name:`"),)
    found: list[Diagnostic] = []
    return _pack(folder, Fields(node, "a manifest", MANIFEST, found)), tuple(found)


def read_text(file: Path) -> tuple[Source | None, tuple[Diagnostic, ...]]:
    """A text file of a pack, or the complaint why there is none."""
    empty = Span(Source(str(file), ""), 0, 0)
    try:
        if file.stat().st_size > LARGEST:
            return None, (UNREADABLE.at(empty, f"the file is larger than {LARGEST} bytes"),)
        return Source(str(file), file.read_bytes().decode().removeprefix("\ufeff")), ()
    except UnicodeDecodeError as error:
        return None, (UNREADABLE.at(empty, f"this is not UTF-8 (at byte {error.start})"),)
    except OSError as error:
        return None, (UNREADABLE.at(empty, f"this can't be read: {(error.strerror or str(error)).lower()}"),)


def _pack(folder: Path, fields: Fields) -> Pack:
    fields.only(KEYS)
    for key in ("name", "version", "title", "kind", "prefix", "rules"):
        fields.need(key, _HINTS.get(key, ""))
    kind = fields.choice("kind", tuple(Kind))
    pack = Pack(
        name=_checked(fields, "name", PACK_NAME, "small letters, digits and `-`"),
        version=_version(fields, "version"),
        component=_checked(fields, "component", PACK_NAME, "small letters, digits and `-`"),
        title=fields.text("title"),
        description=fields.text("description"),
        kind=Kind(kind) if kind else Kind.UPGRADE,
        prefix=_checked(fields, "prefix", _PREFIX, "two to four capitals, and not SK or PK"),
        oldest=_version(fields, "from"),
        newest=_version(fields, "to"),
        groups=tuple(group.text for group in fields.texts("groups")),
        folder=folder,
        listed=_listed(fields),
    )
    if kind == Kind.UPGRADE:
        fields.need("component", "the rules of an upgrade belong to the releases of something")
    return pack


_HINTS = {
    "kind": f"one of {', '.join(Kind)}",
    "prefix": "the capitals that the codes of its rules begin with",
    "rules": "the list of its rules, in order",
}


def _checked(fields: Fields, key: str, form: re.Pattern[str], wanted: str) -> str:
    text = fields.text(key)
    if text and not form.fullmatch(text):
        fields.complain(fields.place(key), f"`{key}` must be {wanted}")
        return ""
    return text


def _version(fields: Fields, key: str) -> str:
    text = fields.text(key)
    if text and version_key(text) is None:
        fields.complain(fields.place(key), f"`{key}` must be a version such as 1.25")
        return ""
    return text


def _listed(fields: Fields) -> tuple[Scalar, ...]:
    """The paths of the rules, each once and inside the folder."""
    first: dict[str, Scalar] = {}
    texts = fields.texts("rules")
    if len(texts) > MOST_RULES:
        fields.complain(fields.place("rules"), f"a pack has at most {MOST_RULES} rules")
        return ()
    for item in texts:
        if item.text.endswith(".skel"):
            message = "rules are listed without `.skel`"
            fields.found.append(RULE_LIST.at(item.span, message, f"write `{item.text.removesuffix('.skel')}`"))
        elif not _RULE.fullmatch(item.text) or ".." in item.text.split("/"):
            message = "a rule is listed by its path below the folder of the pack"
            fields.found.append(RULE_LIST.at(item.span, message, "such as `apis/cronjob-batch-v1`"))
        elif first.setdefault(item.text, item) is not item:
            line, _ = item.span.source.position(first[item.text].span.start)
            fields.found.append(RULE_LIST.at(item.span, f"`{item.text}` is listed twice", f"first in line {line}"))
    return tuple(first.values())
