"""What the explorer writes: the rules that were kept, and nothing else."""

from __future__ import annotations

from skel.language.formatter import format_source
from skel.language.text import Source
from skel.repl.session import Session
from skel.storage.store import write_atomically
from skel.trace.errors import TraceError


def write_program(session: Session, path: str) -> str:
    """Write what was kept as one formatted program; say so. Raises TraceError."""
    if not path or path == "-":
        raise TraceError("name a file", "such as upgrade.skel")
    if session.is_input(path):
        raise TraceError(f"{path} is the trace itself", "name another file")
    text = format_source(Source("<kept>", session.program_text()))
    write_atomically(path, lambda file: file.writelines([text.encode()]))
    return f"wrote {path}; `skel transform {session.name} {path} -o OUT` does the same to the trace"
