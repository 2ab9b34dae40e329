"""Objects as people write them: block style, keys in their order, long texts as they are."""

from __future__ import annotations

import yaml

from skel.patch.values import Json

try:
    from yaml import CSafeDumper as Dumper
except ImportError:  # PyYAML without its C part
    from yaml import SafeDumper as Dumper  # type: ignore[assignment]


class _Dumper(Dumper):
    """No anchors, and texts of several lines as blocks."""

    def ignore_aliases(self, data: object) -> bool:
        del data
        return True


def _text(dumper: Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _text)


def yaml_text(value: Json) -> str:
    """The value as YAML, with a line end."""
    text: str = yaml.dump(value, Dumper=_Dumper, sort_keys=False, width=10_000, allow_unicode=True)
    return text
