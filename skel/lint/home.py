"""What the folder of a file says of it: the pack in which it lies, and for which releases that is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from skel.kube.release import UnknownRelease, parse_release
from skel.language.text import Source
from skel.lint.file import KUBERNETES, Setting
from skel.packs.loading import home_of
from skel.packs.manifest import read_manifest


class Homes:
    """Reads the manifest of each pack once."""

    def __init__(self, usual: Setting) -> None:
        self.usual = usual
        self.settings: dict[Path, Setting] = {}

    def setting(self, source: Source) -> Setting:
        """The usual setting, with what the pack of the file says where the user said nothing."""
        folder = home_of(Path(source.name).parent)
        if folder is None:
            return self.usual
        if folder not in self.settings:
            self.settings[folder] = self._in_pack(folder)
        return self.settings[folder]

    def _in_pack(self, folder: Path) -> Setting:
        pack, _ = read_manifest(folder)
        if pack is None or pack.component != KUBERNETES:
            return replace(self.usual, in_pack=pack is not None)
        usual = self.usual
        return replace(
            usual,
            in_pack=True,
            source=usual.source or _known(pack.oldest),
            target=usual.target or _known(pack.newest),
        )


def _known(release: str) -> str:
    try:
        return parse_release(release) if release else ""
    except UnknownRelease:
        return ""
