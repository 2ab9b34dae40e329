"""What no rule of a pack knows: kinds that the target does not serve, or only if somebody switches them on.

The rules are made from the facts of the releases, for the kinds that are left when the packs have run.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from skel.compiler.header import Header
from skel.findings.severity import Safety, Severity
from skel.kube.release import Life, is_builtin_group, life, lookup, minors
from skel.language.text import Source
from skel.packs.manifest import Kind, Pack, PackRule
from skel.upgrade.codes import NOT_SERVED, SWITCHED_OFF, UNKNOWN
from skel.upgrade.route import KUBERNETES
from skel.upgrade.selection import REMOVAL, Chosen, Stage

_PACK = Pack(
    name="release",
    version="1.0.0",
    component=KUBERNETES,
    title="What a release serves",
    description="Made from the published OpenAPI of each release.",
    kind=Kind.UPGRADE,
    prefix="UP",
    oldest="",
    newest="",
    groups=(),
    folder=Path(),
)


def unserved(headers: Iterable[Header], target: str) -> tuple[Chosen, ...]:
    """A rule for each kind of Kubernetes itself that the target does not simply serve."""
    found: list[Chosen] = []
    for api_version, kind in sorted((api_version or "", kind or "") for api_version, kind in headers):
        if api_version and kind and is_builtin_group(api_version):
            found.extend(Chosen(_PACK, rule, Stage.DUE) for rule in _rules(api_version, kind, target))
    return tuple(found)


def _rules(api_version: str, kind: str, target: str) -> Iterator[PackRule]:
    served = lookup(api_version, kind, target)
    if served is None:
        known = life(api_version, kind)
        yield _never(api_version, kind) if known is None else _gone(known, target)
    elif not served.on_by_default:
        message = f"{kind} {api_version} is off by default in {target}: the API server must be told to serve it"
        yield _rule(SWITCHED_OFF, "switched-off", api_version, kind, message)


def _never(api_version: str, kind: str) -> PackRule:
    first, last = minors()[0], minors()[-1]
    return _rule(
        UNKNOWN, "unknown-kind", api_version, kind, f"no release from {first} to {last} serves {kind} {api_version}"
    )


def _gone(known: Life, target: str) -> PackRule:
    kind, api_version = known.kind, known.api_version
    heir = f"; {known.replacement[1]} {known.replacement[0]} took its place" if known.replacement else ""
    when = f" from {known.gone} on" if known.gone else ""
    message = f"{kind} {api_version} is not served{when or f' in {target}'}{heir}"
    return _rule(NOT_SERVED, "not-served", api_version, kind, message, known.gone)


def _rule(code: str, name: str, api_version: str, kind: str, message: str, since: str = "") -> PackRule:
    texts = [msgspec.json.encode(text).decode() for text in (name, kind, api_version, message)]
    text = "rule {} {{ deny(kind == {} && apiVersion == {}, {}); }}\n".format(*texts)
    return PackRule(
        id=name,
        path=name,
        code=code,
        title=message,
        why="",
        category="behaviour" if code == SWITCHED_OFF else REMOVAL,
        deprecated="",
        since=since,
        severity=Severity.WARNING if code == SWITCHED_OFF else Severity.ERROR,
        safety=Safety.UNSAFE,
        url="https://kubernetes.io/docs/reference/using-api/deprecation-guide/",
        alias="",
        source=Source(f"<{name}>", text),
        cases_file=Path(),
    )
