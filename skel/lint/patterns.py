"""The regular expressions of a program."""

from __future__ import annotations

from collections.abc import Iterator

from skel.language import ast
from skel.lint.file import File
from skel.lint.nodes import below
from skel.lint.step import Step


def patterns_of(file: File) -> Iterator[tuple[Step, ast.Literal, ast.Text | None]]:
    """Each expression with its command, and the test that it is in; None in a `replace`."""
    for step in file.own_steps():
        for node in below((step.around, step.command)):
            match node:
                case ast.Text(operator="=~", right=ast.Literal(value=str()) as literal):
                    yield step, literal, node
                case ast.Replace(pattern=ast.Literal(value=str()) as literal):
                    yield step, literal, None
                case ast.Call(function="replace", arguments=(_, ast.Literal(value=str()) as literal, _)):
                    yield step, literal, None
                case _:
                    pass
