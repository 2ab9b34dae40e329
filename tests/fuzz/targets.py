"""What is fuzzed: a function of bytes that raises only if something is wrong with SKEL."""

from __future__ import annotations

import skel


def parser(data: bytes) -> None:
    """Any text is a program or has diagnostics."""
    try:
        skel.compile(data.decode("utf-8", "replace"))
    except skel.SkelError as error:
        found = error.diagnostics
    else:
        return
    assert found, "an error without a diagnostic"


def codec(data: bytes) -> None:
    """Any bytes are a trace that can be run and written, or a TraceError."""
    try:
        trace = skel.Trace.from_bytes(data)
        after, changes = PROGRAM.apply(trace, workers=1)
        told = list(changes)
    except skel.TraceError as error:
        message = str(error)
        assert message, "an error without a word"
        return
    assert trace.to_bytes() == data
    assert bool(changes) == bool(told)
    skel.Trace.from_bytes(after.to_bytes())


PROGRAM = skel.compile("remove(**.status); modify(exists(metadata.name), metadata.labels.a = metadata.name);")
