"""Groups of verbs that import a verb when it is called, so that the others cost nothing at start-up."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from keyword import iskeyword
from typing import Any

import click


class LazyGroup(click.Group):
    """A group whose commands are modules with a `command`; their help stands in `verbs`, so a list imports none."""

    def __init__(self, *args: Any, verbs: Mapping[str, str], home: str, **settings: Any) -> None:
        """`home` begins the name of each module: `skel.cli.` makes `skel.cli.query` of `query`."""
        super().__init__(*args, **{"subcommand_metavar": "VERB [ARGS]...", **settings})
        self.verbs = verbs
        self.home = home

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.verbs)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.verbs:
            return None
        # `import` can't be the name of a module: it is `import_`.
        module = cmd_name.replace("-", "_") + "_" * iskeyword(cmd_name)
        command: click.Command = import_module(self.home + module).command
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.verbs and not args[0].startswith("-"):
            raise click.UsageError(f"there is no `{ctx.command_path} {args[0]}`{self._near(args[0])}", ctx)
        return super().resolve_command(ctx, args)

    def _near(self, name: str) -> str:
        from skel.language.nearest import nearest

        near = nearest(name, self.verbs)
        return f"; did you mean `{near}`?" if near else ""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Verbs"):
            formatter.write_dl(list(self.verbs.items()))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Without a verb, the help is what was asked for."""
        return super().parse_args(ctx, args or ["--help"])
