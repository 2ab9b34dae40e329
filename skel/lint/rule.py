"""What a lint is: one file in `rules/` with its code, its name, its words, its examples and its check."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Protocol

from skel.language.codes import Code
from skel.language.diagnostic import Diagnostic
from skel.lint.file import File

Found = Iterator[Diagnostic]
NO_FILES: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Bad:
    """A program that the lint complains of: `at` is the text under the caret, `fixed` what its fix makes of it.

    `files` are those that it imports, by path; `source` and `target` the releases; `in_pack` if it lies in a pack;
    `objects` are those of the trace.
    """

    program: str
    at: str
    fixed: str = ""
    files: Mapping[str, str] = field(default_factory=lambda: NO_FILES)
    source: str = ""
    target: str = ""
    in_pack: bool = False
    strict_reference: bool = False
    objects: tuple[Mapping[str, object], ...] = ()


class Described(Protocol):
    """A module of `rules/`. Its docstring is its page: `SK101 unused-variable: one line`, and why it matters.

    Each program of `OK` is clean in the setting of the first of `BAD`.
    """

    __doc__: str | None

    @property
    def CODE(self) -> Code: ...  # noqa: N802

    @property
    def NAME(self) -> str: ...  # noqa: N802

    @property
    def OK(self) -> tuple[str, ...]: ...  # noqa: N802

    @property
    def BAD(self) -> tuple[Bad, ...]: ...  # noqa: N802


class Lint(Described, Protocol):
    @property
    def check(self) -> Callable[[File], Found]: ...
