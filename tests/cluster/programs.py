"""The programs of real control planes: where the tests find them, or why they skip."""

from __future__ import annotations

import os

import pytest

from skel.cluster.binaries import are_present

# Read before the settings of the developer's shell are taken away: the cache may lie elsewhere, and it is big.
CACHE = os.environ.get("SKEL_CACHE")

REAL = (pytest.mark.cluster, pytest.mark.timeout(900))
"""The marks of tests with real control planes. A loaded machine takes several times as long as an idle one."""


def need(monkeypatch: pytest.MonkeyPatch, *releases: str) -> None:
    """Use the cache of the machine; skip where the programs of a release are not in it: to build them takes minutes."""
    if CACHE:
        monkeypatch.setenv("SKEL_CACHE", CACHE)
    missing = [release for release in releases if not are_present(release)]
    if missing:
        pytest.skip(f"the programs are not on this machine; `skel cluster fetch {' '.join(missing)}` gets them")
