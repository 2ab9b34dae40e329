"""Files that verbs write beside a trace, and the care that no input is lost."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from skel.engine.change import Changes


def refuse_overwrite(output: str | None, inputs: tuple[str, ...], way_out: str) -> None:
    """A usage error if the output is one of the inputs, by whatever name or link."""
    if output in (None, "-"):
        return
    for name in inputs:
        if name != "-" and os.path.exists(name) and os.path.exists(output) and os.path.samefile(name, output):
            raise click.UsageError(f"the output {output} is the input {name}; {way_out}")


def write_patches(path: str, changes: Changes) -> None:
    """One line of JSON for each changed object, complete or not at all."""
    import msgspec

    from skel.trace.store import write_atomically

    encode = msgspec.json.Encoder().encode

    def write(file: BinaryIO) -> None:
        for change in changes.objects():
            file.write(encode(change.as_json()) + b"\n")

    write_atomically(path, write)
