"""`skel.lock`: packs from elsewhere, each pinned by the SHA-256 of its archive."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from skel.language.diagnostic import Diagnostic, SkelError
from skel.language.text import Span
from skel.packs.codes import LOCK
from skel.packs.fields import Fields
from skel.packs.manifest import PACK_NAME, read_text
from skel.packs.yaml_nodes import Entries, Node, Unreadable, read_node
from skel.packs.yaml_text import yaml_text
from skel.storage.store import write_atomically

FILE = "skel.lock"
_HEAD = "# Packs from elsewhere. `skel pack add` writes this file; keep it under version control.\n"
_SHA256 = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Pin:
    """Where the archive of a pack is from, and what it must hash to."""

    name: str
    url: str
    sha256: str


def lock_file(start: Path) -> Path | None:
    """The `skel.lock` of a folder or the nearest folder above it."""
    whole = start.absolute()
    files = (folder / FILE for folder in (whole, *whole.parents))
    return next((file for file in files if file.is_file()), None)


def read_lock(file: Path) -> tuple[Pin, ...]:
    """The pins of a lock file. Raises SkelError with everything that is wrong with it."""
    source, wrong = read_text(file)
    if source is None:
        raise SkelError(wrong)
    found: list[Diagnostic] = []
    try:
        node = read_node(source)
    except Unreadable as error:
        raise SkelError((error.diagnostic,)) from None
    if isinstance(node, Entries):
        fields = Fields(node, "a lock file", LOCK, found)
        fields.only(("packs",))
        pins = [pin for item in fields.items("packs") if (pin := _pin(item, found))]
    else:
        pins = []
        found.append(LOCK.at(Span(source, 0, 0), "a lock file is a map that begins with `packs:`"))
    if found:
        raise SkelError(found)
    return tuple(pins)


def _pin(node: Node, found: list[Diagnostic]) -> Pin | None:
    if not isinstance(node, Entries):
        found.append(LOCK.at(node.span, "a pin is a map with name, url and sha256"))
        return None
    fields = Fields(node, "a pin", LOCK, found)
    fields.only(("name", "url", "sha256"))
    for key in ("name", "url", "sha256"):
        fields.need(key)
    pin = Pin(fields.text("name"), fields.text("url"), fields.text("sha256"))
    if pin.name and not PACK_NAME.fullmatch(pin.name):
        fields.complain(fields.place("name"), "this is no name of a pack")
    if pin.sha256 and not _SHA256.fullmatch(pin.sha256):
        fields.complain(fields.place("sha256"), "`sha256` must be 64 hexadecimal digits in small letters")
    return pin


def with_pin(pins: tuple[Pin, ...], new: Pin) -> tuple[Pin, ...]:
    """The pins with a new one in place of that of the same name, in order of names."""
    return tuple(sorted((*(pin for pin in pins if pin.name != new.name), new), key=lambda pin: pin.name))


def write_lock(file: Path, pins: tuple[Pin, ...]) -> None:
    """Write the file, whole or not at all. Raises TraceError if the disk refuses."""
    entries = [{"name": pin.name, "url": pin.url, "sha256": pin.sha256} for pin in pins]
    text = _HEAD + yaml_text({"packs": entries})
    write_atomically(str(file), lambda out: out.writelines([text.encode()]))
