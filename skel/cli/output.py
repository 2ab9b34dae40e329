"""Files that verbs read and write, and the care that no input is lost."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from skel.engine.change import Changes


def trace_first(trace: str, programs: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The trace and the programs, whichever of the files was named first."""
    if _is_trace(trace):
        return trace, programs
    traces = [name for name in programs if _is_trace(name)]
    if trace == "-" or len(traces) != 1:
        return trace, programs
    return traces[0], (trace, *(name for name in programs if name != traces[0]))


def _is_trace(name: str) -> bool:
    """Whether the file begins as a MessagePack map does, and no text can."""
    try:
        if not Path(name).is_file():
            return False  # what is taken from a pipe is gone
        with Path(name).open("rb") as file:
            first = file.read(1)
    except OSError:
        return False
    return bool(first) and (0x80 <= first[0] <= 0x8F or first[0] in (0xDE, 0xDF))


def refuse_overwrite(output: str | None, inputs: tuple[str, ...], way_out: str) -> None:
    """A usage error if the output is one of the inputs, by whatever name or link."""
    from skel.trace.store import is_same_file

    if output is None or output == "-":
        return
    for name in inputs:
        if name != "-" and is_same_file(name, output):
            raise click.UsageError(f"the output {output} is the input {name}; {way_out}")


def write_text(path: str, writer: Callable[[BinaryIO], None]) -> None:
    """Write a file of text, complete or not at all; `-` is standard output, a terminal too. Raises TraceError."""
    from skel.trace.store import write_atomically

    if path == "-":
        sys.stdout.flush()
        writer(sys.stdout.buffer)
        sys.stdout.buffer.flush()
    else:
        write_atomically(path, writer)


def write_patches(path: str, changes: Changes) -> None:
    """One line of JSON for each changed object."""
    import msgspec

    encode = msgspec.json.Encoder().encode

    def write(file: BinaryIO) -> None:
        file.writelines(encode(change.as_json()) + b"\n" for change in changes.objects())

    write_text(path, write)
