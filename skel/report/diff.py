"""What became of each object, as a unified diff of its manifest."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from typing import TYPE_CHECKING

import yaml
from msgspec import Raw

from skel.patch.values import Json
from skel.report.moment import moment
from skel.report.terminal import Paint, printable
from skel.trace.codec import decode_object

if TYPE_CHECKING:
    from skel.engine.change import ObjectChange

try:
    from yaml import CSafeDumper as _Base
except ImportError:  # PyYAML without its C part
    from yaml import SafeDumper as _Base  # type: ignore[assignment]


class Dumper(_Base):
    """Texts of several lines stand as they are, as in a manifest that a person wrote."""


def _text(dumper: Dumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


Dumper.add_representer(str, _text)


def diff_lines(change: ObjectChange, paint: Paint) -> Iterator[str]:
    """A heading with event, time, object and rules, then the lines that differ with three lines around them."""
    yield heading(change, paint)
    rules = ", ".join(dict.fromkeys(part.rule for part in change.changes))
    yield paint(f"  by {printable(rules)}", "cyan")
    yield from body_lines(change, paint)


def heading(change: ObjectChange, paint: Paint) -> str:
    """Which object, and when."""
    thing = change.object
    verb = "deleted" if thing.deleted else "applied"
    if change.before is None:
        verb = f"{verb}, new"
    elif change.after is None:
        verb = f"{verb}, removed"
    name = f"{thing.namespace}/{thing.name}" if thing.namespace else thing.name
    when = f"  {verb} in event {thing.event} at {moment(thing.timestamp)}"
    return paint(printable(f"{thing.kind} {name}"), "bold") + paint(when, "dim")


def body_lines(change: ObjectChange, paint: Paint) -> Iterator[str]:
    """The lines that differ, each behind two blanks."""
    return manifest_diff(change.before, change.after, paint)


def manifest_diff(before: Raw | None, after: Raw | None, paint: Paint) -> Iterator[str]:
    """The lines in which two manifests differ, each behind two blanks; None is an object that is not there."""
    for line in plain_diff(before, after):
        if line.startswith("@@"):
            yield paint(f"  {line}", "dim")
        elif line[0] in "+-":
            yield paint(f"  {line}", "green" if line[0] == "+" else "red")
        else:
            yield f"  {line}"


def plain_diff(before: Raw | None, after: Raw | None) -> Iterator[str]:
    """The same as a unified diff without its heading."""
    for number, line in enumerate(unified_diff(manifest_lines(before), manifest_lines(after), lineterm="", n=3)):
        if number >= 2:  # the first two name files, and there are none
            yield line


def manifest_lines(raw: Raw | None) -> list[str]:
    """A manifest as lines of YAML, keys in their order; none for an object that is not there."""
    return [] if raw is None else yaml_lines(decode_object(raw))


def yaml_lines(manifest: Json) -> list[str]:
    """Lines that no terminal takes for commands."""
    text: str = yaml.dump(manifest, Dumper=Dumper, sort_keys=False, width=10_000, allow_unicode=True)
    return [printable(line) for line in text.split("\n")[:-1]]
