"""What stays the same of a finding while files are edited around it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from hashlib import sha256
from posixpath import normpath

from skel.findings.model import Finding

LENGTH = 32
"""Hexadecimal digits: 128 bits."""


def fingerprints(findings: Iterable[Finding]) -> tuple[str, ...]:
    """One for each, in order: code, object and field, or file and message; no line, no event, no version of the API.

    What can't be told apart is numbered, so that a baseline that knows two of a kind does not cover a third.
    """
    seen: Counter[str] = Counter()
    found = []
    for finding in findings:
        known = "\0".join(_identity(finding))
        found.append(sha256(f"{known}\0{seen[known]}".encode(errors="surrogatepass")).hexdigest()[:LENGTH])
        seen[known] += 1
    return tuple(found)


def _identity(finding: Finding) -> tuple[str, ...]:
    thing = finding.object
    if thing is None:
        return ("text", finding.code, normpath(finding.location.file), finding.message)
    group = thing.api_version.rpartition("/")[0]
    return ("object", finding.code, group, thing.kind, thing.namespace, thing.name, finding.location.pointer)
