"""Files that verbs read and write, and the care that no input is lost."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, BinaryIO

import click

if TYPE_CHECKING:
    from skel.engine.change import Changes
    from skel.report.terminal import Paint


def trace_first(trace: str, programs: tuple[str, ...]) -> tuple[str, tuple[str, ...]]:
    """The trace and the programs, whichever of the files was named first."""
    if is_trace(trace):
        return trace, programs
    traces = [name for name in programs if is_trace(name)]
    if trace == "-" or len(traces) != 1:
        return trace, programs
    return traces[0], (trace, *(name for name in programs if name != traces[0]))


def is_trace(name: str) -> bool:
    """Whether a trace lies there, told by its content; nothing else lies at a URL or is packed."""
    from skel.storage.store import is_packed, is_remote, read_start

    if is_remote(name):
        return True
    start = read_start(name)
    return begins_a_trace(start) or is_packed(start)


def begins_a_trace(data: bytes) -> bool:
    """Whether it begins as a MessagePack map does, and no text can."""
    return bool(data) and (0x80 <= data[0] <= 0x8F or data[0] in {0xDE, 0xDF})


def refuse_overwrite(output: str | None, inputs: tuple[str, ...], way_out: str) -> None:
    """A usage error if the output is one of the inputs, by whatever name or link."""
    from skel.storage.store import is_same_file, shown

    if output is None or output == "-":
        return
    for name in inputs:
        if name != "-" and is_same_file(name, output):
            raise click.UsageError(f"the output {shown(output)} is the input {shown(name)}; {way_out}")


def refuse_unwritable(*paths: str | None) -> None:
    """Say before the work, and not behind it, that a file can't be written. Raises TraceError."""
    from skel.storage.store import try_to_write

    for path in paths:
        if path is not None and path != "-":
            try_to_write(path)


def write_text(path: str, writer: Callable[[BinaryIO], None]) -> None:
    """Write a file of text, complete or not at all; `-` is standard output, a terminal too. Raises TraceError."""
    from skel.storage.store import write_atomically

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


def show_diff(changes: Changes, paint: Paint) -> None:
    """What becomes of each object, on standard output."""
    from skel.report.diff import diff_lines

    for change in changes.objects():
        sys.stdout.writelines(f"{line}\n" for line in diff_lines(change, paint))
