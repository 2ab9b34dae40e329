"""One program under the eye of the linter: as written, as it runs, and where it lies."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import overload

from skel.language import ast
from skel.language.analyse import Analysis, analyse_all
from skel.language.codes import PARAMETER_VALUE
from skel.language.diagnostic import Diagnostic, Severity
from skel.language.imports import FileLoader, Loader
from skel.language.text import Source, Span
from skel.lint.execution import Execute, Touched
from skel.lint.nodes import Node, below
from skel.lint.step import Step, is_inside, steps_of

KUBERNETES = "kubernetes"
"""The component whose releases are those of the schemas."""


@dataclass(frozen=True, slots=True)
class Setting:
    """What a lint may know beyond the text.

    `source` and `target` are the minors between which the program is for, empty for all that are known;
    `is_target_given` if the user named the target. `in_pack` if the file is a rule of a pack. `used_elsewhere` are its
    names that other files use, `touched` what each rule does in a trace, by id. `execute` tries a rule on
    objects, where the caller can.
    """

    source: str = ""
    target: str = ""
    is_target_given: bool = False
    in_pack: bool = False
    strict_reference: bool = False
    used_elsewhere: frozenset[str] = frozenset()
    touched: Mapping[str, Touched] | None = None
    execute: Execute | None = None


@dataclass(frozen=True)
class File:
    """A program with everything that lints look at."""

    source: Source
    analysis: Analysis
    setting: Setting = field(default_factory=Setting)
    loader: Loader = field(default_factory=FileLoader)

    @property
    def module(self) -> ast.Module:
        """The file as written."""
        return self.analysis.parsed.module

    @property
    def comments(self) -> tuple[Span, ...]:
        return self.analysis.parsed.comments

    @cached_property
    def diagnostics(self) -> tuple[Diagnostic, ...]:
        """What the language itself says. That a parameter without default has no value yet is no mistake here."""
        open_parameters = {
            statement.span
            for statement in self.module.statements
            if isinstance(statement, ast.Param) and statement.default is None
        }
        return tuple(
            found
            for found in self.analysis.diagnostics
            if not (found.code == PARAMETER_VALUE.code and found.span in open_parameters)
        )

    @property
    def is_broken(self) -> bool:
        """Whether the language finds an error in it."""
        return any(found.severity is Severity.ERROR for found in self.diagnostics)

    @property
    def is_library(self) -> bool:
        """Whether it holds nothing that runs, so that all its names are for others."""
        statements = self.module.statements
        return all(isinstance(statement, ast.Define | ast.Import | ast.Param) for statement in statements)

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All commands that run, in their order, with definitions in their places."""
        return tuple(step for rule in self.analysis.module.rules for step in steps_of(rule))

    @cached_property
    def sequences(self) -> tuple[tuple[Step, ...], ...]:
        """Commands that run one behind the other: those of the program, and of each definition with open parameters."""
        return (self.steps, *(tuple(steps_of(draft, is_draft=True)) for draft in self.analysis.drafts))

    def own_steps(self) -> Iterator[Step]:
        """Each command of the file once: those of rules, and those of definitions."""
        return (step for steps in self.sequences for step in steps if step.is_own)

    def own_nodes(self) -> Iterator[Node]:
        """Every node below the rules and definitions, once and where it is written, with its names resolved."""
        for home in (*self.analysis.module.rules, *self.analysis.drafts):
            for node in below(home.commands):
                if is_inside(node.span, home.span):
                    yield node

    def statements(self) -> Iterator[ast.Statement]:
        """Every statement as written, those in rules, blocks and definitions as well."""
        for statement in self.module.statements:
            yield from within(statement)


@overload
def within(statement: ast.Command) -> Iterator[ast.Command]: ...
@overload
def within(statement: ast.Statement) -> Iterator[ast.Statement]: ...
def within(statement: ast.Statement) -> Iterator[ast.Statement]:
    """A statement and those in its block."""
    yield statement
    if isinstance(statement, ast.Rule | ast.Define | ast.When):
        for inner in statement.commands:
            yield from within(inner)


def open_file(source: Source, setting: Setting | None = None, loader: Loader | None = None) -> File:
    """Read a program. Never raises: what is wrong stands in its diagnostics."""
    files = loader or FileLoader()
    return File(source, analyse_all(source, loader=files), setting or Setting(), files)
