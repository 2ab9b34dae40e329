"""How a service that shows reports finds the files that they name."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote


def relative(file: str, root: Path) -> str | None:
    """The file as seen from the root of the repository, with slashes; None if it lies outside or is no file."""
    if not file or file == "-" or file.startswith("<") or "://" in file:
        return None
    try:
        path = (Path.cwd() / file).resolve()
        return path.relative_to(root.resolve()).as_posix()
    except (OSError, ValueError):
        return None


def uri(file: str, root: Path) -> tuple[str, bool]:
    """The address of the file and whether it is relative to the root."""
    inside = relative(file, root)
    if inside is not None:
        return quote(inside), True
    if "://" in file or file.startswith(("<", "-")):
        return quote(file, safe="/:"), False
    return f"file://{quote(str((Path.cwd() / file).absolute()))}", False
