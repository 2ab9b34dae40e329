"""An audit log on the disk, and the trace of it."""

from __future__ import annotations

from pathlib import Path

from skel.record.imports.audit.read import audit_changes
from skel.record.imports.losses import Losses
from skel.record.imports.options import Wanted
from skel.trace.model import Trace
from tests.record.imports.story import traced


def written(folder: Path, lines: list[bytes], name: str = "audit.log") -> str:
    file = folder / name
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    return str(file)


def read(folder: Path, lines: list[bytes], wanted: Wanted | None = None) -> tuple[Trace, Losses]:
    losses = Losses()
    wanted = wanted or Wanted(skip_noise=True)
    return traced(audit_changes([written(folder, lines)], losses, wanted), folder, wanted), losses
