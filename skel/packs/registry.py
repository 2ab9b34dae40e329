"""Packs by name or path: from the standard library, `skel.lock`, installed distributions, or any folder."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from skel import resources
from skel.language.diagnostic import SkelError
from skel.language.nearest import nearest
from skel.packs.archive import cached
from skel.packs.errors import PackError
from skel.packs.installed import installed
from skel.packs.loading import load_strictly
from skel.packs.lock import Pin, lock_file, read_lock
from skel.packs.manifest import FILE, Pack, PackRule

STANDARD = "standard library"
PATH = "path"

Stamp = tuple[tuple[int, int], ...]
_loaded: dict[Path, tuple[Stamp, Pack]] = {}


@dataclass(frozen=True, slots=True)
class Located:
    """A name with its folder. `problem` says why there is no folder, `hint` what to do then."""

    name: str
    origin: str
    folder: Path | None
    problem: str = ""
    hint: str = ""

    @property
    def is_own(self) -> bool:
        """Whether it was named by its path, so that it may be written to."""
        return self.origin == PATH


def find(name: str) -> Pack:
    """The pack of that name, or in that folder. Raises PackError if there is none or it is not what was pinned, and
    SkelError if something is wrong in it.
    """
    place = locate(name)
    return replace(_load(_folder(place)), origin=place.origin)


def available() -> tuple[Pack, ...]:
    """Every pack that has a name, in order of names. Raises as `find` does."""
    return tuple(replace(_load(_folder(place)), origin=place.origin) for place in located())


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """A name with its pack; None if it can't be used, and why."""

    place: Located
    pack: Pack | None
    problem: str = ""
    hint: str = ""


def catalogue() -> tuple[CatalogueEntry, ...]:
    """Every name, and what became of its pack."""
    return tuple(map(_entry, located()))


def rule_of(pack: Pack, name: str) -> PackRule:
    """The rule of that id, code or alias. Raises PackError."""
    rule = pack.rule(name)
    if rule is None:
        near = nearest(name, (rule.id for rule in pack.rules))
        hint = f"did you mean `{near}`?" if near else f"`skel pack show {pack.name}` lists them"
        raise PackError(f"the pack {pack.name} has no rule `{name}`", hint)
    return rule


def rule_of_code(code: str) -> tuple[Pack, PackRule] | None:
    """The rule with that code or alias in any pack that has a name and can be used."""
    wanted = code.upper()
    if not wanted:
        return None
    for entry in catalogue():
        for rule in entry.pack.rules if entry.pack is not None else ():
            if wanted in {rule.code, rule.alias}:
                assert entry.pack is not None
                return entry.pack, rule
    return None


def folder_of(name: str) -> Path:
    """The folder of a pack, without reading it. Raises PackError."""
    return _folder(locate(name))


def locate(name: str) -> Located:
    """Where a pack is: a name goes before a folder of that name. Raises PackError if there is nothing."""
    own = resources.stdlib() / name
    if _is_word(name) and (own / FILE).is_file():
        return Located(name, STANDARD, own)
    known = {place.name: place for place in located()}
    if name in known:
        return known[name]
    path = Path(name)
    folder = path.parent if path.name == FILE else path
    if (folder / FILE).is_file():
        return Located(name, PATH, folder)
    if not _is_word(name):
        raise PackError(f"there is no {FILE} in {name}", "`skel pack new` makes a pack")
    near = nearest(name, known)
    hint = f"did you mean `{near}`?" if near else f"known are {', '.join(known)}; a path must have a {FILE}"
    raise PackError(f"there is no pack `{name}`", hint)


def located() -> tuple[Located, ...]:
    """Every name that finds a pack. The standard library goes before `skel.lock`, that before what is installed."""
    first: dict[str, Located] = {}
    for place in (*_standard(), *_pinned(), *_installed()):
        first.setdefault(place.name, place)
    return tuple(first[name] for name in sorted(first))


def _entry(place: Located) -> CatalogueEntry:
    try:
        return CatalogueEntry(place, replace(_load(_folder(place)), origin=place.origin))
    except PackError as error:
        return CatalogueEntry(place, None, error.message, error.hint)
    except SkelError as error:
        first = error.diagnostics[0]
        return CatalogueEntry(place, None, f"{first.span}: {first.message}", "`skel pack verify` tells everything")


def _is_word(name: str) -> bool:
    return "/" not in name and "\\" not in name and not name.startswith(".")


def _standard() -> Iterator[Located]:
    for file in sorted(resources.stdlib().glob(f"*/{FILE}")):
        yield Located(file.parent.name, STANDARD, file.parent)


def _pinned() -> Iterator[Located]:
    file = lock_file(Path())
    for pin in read_lock(file) if file is not None else ():
        yield _pinned_pack(pin)


def _pinned_pack(pin: Pin) -> Located:
    origin = f"skel.lock: {pin.url}"
    try:
        folder = cached(pin.name, pin.sha256)
    except PackError as error:
        return Located(pin.name, origin, None, error.message, error.hint)
    if folder is None:
        problem = f"the pack {pin.name} of skel.lock is not on this machine"
        return Located(pin.name, origin, None, problem, "`skel pack add` fetches what skel.lock names")
    return Located(pin.name, origin, folder)


def _installed() -> Iterator[Located]:
    for item in installed():
        problem = "" if item.folder else f"{item.distribution} names `{item.value}` as a pack, but has no {FILE} there"
        yield Located(item.name, f"distribution {item.distribution}", item.folder, problem)


def _folder(place: Located) -> Path:
    if place.folder is None:
        raise PackError(place.problem, place.hint)
    return place.folder


def _load(folder: Path) -> Pack:
    """The pack of a folder, read again only if one of its files was written since."""
    key = folder.absolute()
    known = _loaded.get(key)
    if known is not None and known[1].folder == folder and known[0] == _stamp(known[1]):
        return known[1]
    pack = load_strictly(folder)
    _loaded[key] = (_stamp(pack), pack)
    return pack


def _stamp(pack: Pack) -> Stamp:
    """When the files of a pack were written, and their sizes."""
    return tuple(map(_written, (pack.file, *(Path(rule.source.name) for rule in pack.rules))))


def _written(file: Path) -> tuple[int, int]:
    try:
        seen = file.stat()
    except OSError:
        return 0, 0
    return seen.st_mtime_ns, seen.st_size
