"""What can be wrong with a pack: the codes of its complaints, in the form of those of the language."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from skel.language.codes import Code
from skel.language.diagnostic import Severity

UNREADABLE = Code("PK001")
MANIFEST = Code("PK002")
RULE_LIST = Code("PK003")
RULE_FILE = Code("PK004")
CASE = Code("PK005")
NOT_LISTED = Code("PK006", Severity.WARNING)
NOT_PROVEN = Code("PK007", Severity.WARNING)
NOT_TIDY = Code("PK008", Severity.WARNING)
LOCK = Code("PK009")

_PAGES: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "PK001": (
            "a file of a pack can't be read",
            "A pack holds UTF-8 text and plain YAML: one document a file, no key twice, no tags that build objects,\n"
            "no merge keys, at most 100 levels and a million characters.",
        ),
        "PK002": (
            "something is wrong in pack.yaml",
            "A manifest has name, version, title, kind (upgrade, validate, transform), prefix and rules;\n"
            "an upgrade has a component. It may have description, from, to and groups. Nothing else.",
        ),
        "PK003": (
            "something is wrong in the list of rules",
            "Each rule is listed once, by its path below the folder of the pack, without `.skel`. The rules of an\n"
            "upgrade stand by `since`, ascending, because a jump over several releases runs them in that order.",
        ),
        "PK004": (
            "something is wrong with a rule file",
            "A file holds exactly one rule. Its id is the name of the file, its code begins with the prefix of the\n"
            "pack and is used once. It has code, title, why, category, severity, in an upgrade since and safety.",
        ),
        "PK005": (
            "something is wrong in a file of cases",
            "A case has a name, the object `before`, and one of `after`, `unchanged: true`, `finding` and `error`;\n"
            "`finding` may stand with `after`. It may have target, parameters, others and repeatable. Nothing else.",
        ),
        "PK006": (
            "a file is not used",
            "The file holds a rule, but pack.yaml does not list it, so nobody runs it; or it holds cases, but no rule\n"
            "stands beside it.",
        ),
        "PK007": (
            "the cases of a rule leave something unproven",
            "Each rule has a case in which it does something and one that stays unchanged, and each of its commands\n"
            "meets an object in some case.",
        ),
        "PK008": (
            "a file is not as the tool would write it",
            "Rules are formatted, and the pages in `docs/` are what is made from the rules.\n"
            "`skel pack verify --fix` puts both right.",
        ),
        "PK009": (
            "something is wrong in skel.lock",
            "The file is a map `packs:` with a list of name, url and sha256. `skel pack add` writes it.",
        ),
    }
)

TITLES: Mapping[str, str] = MappingProxyType({code: title for code, (title, _) in _PAGES.items()})


def meaning(code: str) -> str:
    """What a code of this room means, "" for any other."""
    return _PAGES.get(code.upper(), ("", ""))[1]
