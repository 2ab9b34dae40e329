"""How bad a thing is, and how far its fix can be trusted."""

from __future__ import annotations

from enum import StrEnum


class Severity(StrEnum):
    """`error`: it breaks on the target. `warning`: deprecated, or it behaves differently. `info`: good to know."""

    ERROR = "error"
    WARNING = "warning"
    INFO = "info"


class Safety(StrEnum):
    """`safe` keeps the meaning; `unsafe` needs a person to look."""

    SAFE = "safe"
    UNSAFE = "unsafe"
