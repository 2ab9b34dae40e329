"""The examples of lints as files that can be linted, for the documentation and for the proof that they hold."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from skel.language.imports import FileLoader, ImportFailure
from skel.language.text import Source
from skel.lint.file import File, Setting
from skel.lint.rule import Bad
from skel.lint.runner import open_files
from skel.lint.trial import execute, touched_in
from skel.trace.codec import Event, encode_object
from skel.trace.model import Trace

NAME = "example.skel"


@dataclass(frozen=True, slots=True)
class Shelf:
    """Imported files that lie in a mapping, by the path that the import names; others are of the standard library."""

    files: Mapping[str, str]

    def locate(self, path: str, importer: Source) -> str:
        name = f"{path.removesuffix('.skel')}.skel"
        return name if name in self.files else FileLoader().locate(path, importer)

    def read(self, name: str) -> Source:
        if name.startswith("./") and name not in self.files:
            raise ImportFailure(f"there is no file `{name}`")
        return Source(name, self.files[name]) if name in self.files else FileLoader().read(name)


def example(program: str, like: Bad) -> File:
    """A program in the setting of an example."""
    setting = Setting(
        like.source,
        like.target,
        is_target_given=bool(like.target),
        in_pack=like.in_pack,
        strict_reference=like.strict_reference,
        execute=execute,
    )
    (file,) = open_files((Source(NAME, program),), lambda _: setting, Shelf(like.files))
    if not like.objects:
        return file
    events = [Event(0, [encode_object(dict(item)) for item in like.objects], [])]
    trace = Trace.make(events, {"trackedObjects": {}}, {}, {})
    return replace(file, setting=replace(setting, touched=touched_in(trace, file.analysis.module, {})))
