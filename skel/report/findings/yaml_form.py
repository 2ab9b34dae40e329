"""The document of the JSON report, as YAML."""

from __future__ import annotations

from collections.abc import Iterator

import yaml

from skel.findings.redact import Redacted
from skel.report.findings.json_form import document
from skel.report.findings.view import View

try:
    from yaml import CSafeDumper as Dumper
except ImportError:  # PyYAML without its C part
    from yaml import SafeDumper as Dumper  # type: ignore[assignment]


class _Dumper(Dumper):
    """Without anchors: the same text twice is written twice."""

    def ignore_aliases(self, data: object) -> bool:
        return True


def yaml_report(findings: Redacted, view: View) -> Iterator[str]:
    """One document, keys in the order of the JSON report."""
    text: str = yaml.dump(document(findings, view), Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
    yield text
