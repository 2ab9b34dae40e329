"""`skel pack add`: an archive from a URL into the cache, and its hash into `skel.lock`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from skel import resources
from skel.packs.archive import cached, digest, keep, read_archive
from skel.packs.download import download
from skel.packs.errors import PackError
from skel.packs.loading import load_strictly
from skel.packs.lock import FILE, Pin, lock_file, read_lock, with_pin, write_lock
from skel.packs.manifest import Pack


@dataclass(frozen=True, slots=True)
class Added:
    """A pack that is in the cache and pinned; `lock` is the file."""

    pack: Pack
    pin: Pin
    lock: Path


def add(url: str, sha256: str, folder: Path) -> Added:
    """Fetch a pack and pin it. `sha256` is what it must hash to; "" takes what comes, if the URL is not pinned yet.

    The pin goes into the `skel.lock` of `folder`, or the nearest above it. Raises PackError, SkelError and TraceError;
    nothing is pinned then.
    """
    lock = lock_file(folder) or folder / FILE
    pins = read_lock(lock) if lock.is_file() else ()
    pinned = next((pin.sha256 for pin in pins if pin.url == url), "")
    data = download(url, is_pinned=bool(sha256 or pinned))
    _compare(url, digest(data), sha256, pinned)
    pack = load_strictly(keep(data, read_archive(data, url)))
    if (resources.stdlib() / pack.name).is_dir():
        raise PackError(f"the pack of {url} is named `{pack.name}`, as one of the standard library")
    pin = Pin(pack.name, url, digest(data))
    write_lock(lock, with_pin(pins, pin))
    return Added(pack, pin, lock)


def fetch_missing(folder: Path) -> tuple[Pin, ...]:
    """Fetch what `skel.lock` pins and the cache does not have; what was fetched. Raises as `add` does."""
    lock = lock_file(folder)
    if lock is None:
        raise PackError(f"there is no {FILE} here", "`skel pack add URL` makes one")
    missing = [pin for pin in read_lock(lock) if cached(pin.name, pin.sha256) is None]
    for pin in missing:
        data = download(pin.url, is_pinned=True)
        _compare(pin.url, digest(data), "", pin.sha256)
        load_strictly(keep(data, read_archive(data, pin.url)))
    return tuple(missing)


def _compare(url: str, real: str, asked: str, pinned: str) -> None:
    if asked and real != asked:
        raise PackError(f"{url} is not what was asked for: its sha256 is {real}, not {asked}")
    if not asked and pinned and real != pinned:
        message = f"{url} has changed: its sha256 is {real}, but skel.lock pins {pinned}"
        raise PackError(message, f"look at what changed; `skel pack add {url} --sha256 {real}` pins the new one")
