"""Packs as archives (`.tar.gz`) from strangers: read in memory within limits, kept in the user's cache, and proven to
be what was pinned each time that they are used.
"""

from __future__ import annotations

import hashlib
import io
import shutil
import zlib
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from skel.language import ast
from skel.language.imports import LIBRARY_PATH
from skel.language.parser import parse
from skel.language.text import Source
from skel.packs.errors import PackError
from skel.packs.manifest import FILE
from skel.storage.files import write_file

if TYPE_CHECKING:
    import tarfile

LARGEST_ARCHIVE = 10_000_000
LARGEST_CONTENT = 50_000_000
MOST_FILES = 10_000
KEPT = (".skel", ".yaml", ".yml", ".md", ".txt")
"""Endings of files that are unpacked. A pack is data: whatever else is in the archive stays there."""

ARCHIVE = "archive.tar.gz"
CONTENT = "pack"

Files = dict[PurePosixPath, bytes]


def digest(data: bytes) -> str:
    """The SHA-256 in hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def read_archive(data: bytes, name: str) -> Files:
    """The files of an archive by their path below the pack. Raises PackError for an archive that is refused."""
    import tarfile

    files: Files = {}
    try:
        with tarfile.open(fileobj=io.BytesIO(_decompressed(data, name)), mode="r:") as archive:
            for number, member in enumerate(archive):
                if number >= MOST_FILES:
                    raise PackError(f"{name} holds more than {MOST_FILES} files")
                path = _path(member, name)
                content = archive.extractfile(member) if member.isfile() else None
                if content is not None and path.suffix in KEPT:
                    files[path] = content.read()
    except (tarfile.TarError, UnicodeDecodeError, ValueError, OverflowError, EOFError) as error:
        raise PackError(f"{name} is no tar archive: {error}") from None
    below = _below_root(files, name)
    _refuse_reaching_out(below, name)
    return below


def _decompressed(data: bytes, name: str) -> bytes:
    """The content of a gzip file, never more than the limit in memory."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        content = unpacker.decompress(data, LARGEST_CONTENT)
    except zlib.error as error:
        raise PackError(f"{name} is no gzip file: {error}", "a pack is a .tar.gz") from None
    if unpacker.unconsumed_tail:
        raise PackError(f"{name} holds more than {LARGEST_CONTENT} bytes")
    if not unpacker.eof:
        raise PackError(f"{name} ends too early")
    return content


def _path(member: tarfile.TarInfo, name: str) -> PurePosixPath:
    """Where the member lies. Links, devices and paths that lead out are refused, not skipped."""
    if not (member.isfile() or member.isdir()):
        raise PackError(f"{name} is refused: `{member.name}` is a link or a device")
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts or "\\" in member.name or ":" in member.name or "\0" in member.name:
        raise PackError(f"{name} is refused: `{member.name}` leads out of the pack")
    return path


def _below_root(files: Files, name: str) -> Files:
    """The files below the folder that holds the manifest: the top, or the one folder at the top."""
    manifests = [path for path in files if path.name == FILE and len(path.parts) <= 2]
    if not manifests:
        raise PackError(f"there is no {FILE} in {name}", "it must be at the top, or in the one folder at the top")
    root = min(manifests, key=lambda path: len(path.parts)).parent
    return {path.relative_to(root): content for path, content in files.items() if path.is_relative_to(root)}


def _refuse_reaching_out(files: Files, name: str) -> None:
    """A pack from a stranger imports its own files and the standard library, not what else lies on the disk."""
    for path, content in files.items():
        if path.suffix == ".skel":
            source = Source(str(path), content.decode("utf-8", "replace"))
            for statement in parse(source).module.statements:
                if isinstance(statement, ast.Import) and not _stays_inside(path, statement.path):
                    raise PackError(f"{name} is refused: {statement.span} imports `{statement.path}`, out of the pack")


def _stays_inside(importer: PurePosixPath, path: str) -> bool:
    if not path.startswith(("./", "../")):
        return LIBRARY_PATH.fullmatch(path.removesuffix(".skel")) is not None
    depth = len(importer.parent.parts)
    for part in path.split("/"):
        depth += {"..": -1, ".": 0, "": 0}.get(part, 1)
        if depth < 0:
            return False
    return True


# ---- the cache -------------------------------------------------------------------------------------------------------


def cache_folder(sha256: str) -> Path:
    """Where the archive of that hash is kept."""
    from platformdirs import user_cache_path

    return user_cache_path("skel") / "packs" / sha256


def keep(data: bytes, files: Files) -> Path:
    """Put an archive and its files into the cache; the folder of the pack. Raises PackError if the disk refuses."""
    home = cache_folder(digest(data))
    folder = home / CONTENT
    try:
        shutil.rmtree(folder, ignore_errors=True)
        for path, content in files.items():
            file = folder / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    except OSError as error:
        raise PackError(f"{home} can't be written: {(error.strerror or str(error)).lower()}") from None
    write_file(home / ARCHIVE, lambda out: out.writelines([data]))  # last: it says that all is there
    return folder


def cached(name: str, sha256: str) -> Path | None:
    """The folder of a pinned pack in the cache, None if it is not there. Raises PackError if it was tampered with."""
    home = cache_folder(sha256)
    file = home / ARCHIVE
    if not file.is_file():
        return None
    data = file.read_bytes()
    way_out = f"remove {home} and run `skel pack add`"
    if digest(data) != sha256:
        raise PackError(f"the archive of the pack {name} in the cache is not the one that skel.lock pins", way_out)
    files = read_archive(data, f"the archive of {name}")
    folder = home / CONTENT
    real = {PurePosixPath(path.relative_to(folder).as_posix()) for path in folder.rglob("*") if not path.is_dir()}
    changed = real ^ files.keys() or {path for path in files if (folder / path).read_bytes() != files[path]}
    if changed:
        message = f"the pack {name} in the cache was changed: `{min(changed)}` is not what its archive holds"
        raise PackError(message, way_out)
    return folder
