"""Paths of files inside volumes, and file modes."""

from __future__ import annotations

from skel.patch.values import Json
from skel.replay.dry.cause import Causes, invalid


def no_backsteps(path: str, *steps: str) -> Causes:
    if ".." in path.split("/"):
        yield invalid(*steps, value=path, detail="must not contain '..'")


def below_folder(path: str, *steps: str) -> Causes:
    """A relative path that stays below where it starts."""
    if path.startswith("/"):
        yield invalid(*steps, value=path, detail="must be a relative path")
    yield from no_backsteps(path, *steps)


def volume_file(path: str, *steps: str) -> Causes:
    """A file that the kubelet writes; it keeps names that begin with two dots for itself."""
    yield from below_folder(path, *steps)
    if path.startswith("..") and not path.startswith("../"):
        yield invalid(*steps, value=path, detail="must not start with '..'")


def file_mode(owner: Json, name: str) -> Causes:
    mode = owner.get(name)
    if mode is not None and not 0 <= mode <= 0o777:
        detail = "must be a number between 0 and 0777 (octal), both inclusive"
        yield invalid(name, value=mode, detail=detail)
