"""`skel import git`: the history of manifests that lie in a repository."""

from __future__ import annotations

import click

from skel.cli.import_options import Shared, import_options, run_import


@click.command()
@click.argument("repository", metavar="REPOSITORY")
@click.option("--path", metavar="FOLDER", default="", help="Only what is below.")
@click.option("--branch", metavar="NAME", default="HEAD", help="A branch, tag or commit; by default the current one.")
@click.option("--since", metavar="TIME", help="Commits from then on, as git takes it: 2026-05-01, '3 months ago'.")
@click.option("--time", type=click.Choice(["commit", "author"]), default="commit", help="Whose time counts.")
@click.option("--default-namespace", metavar="NAME", default="default", help="For objects that name none and need one.")
@import_options
def command(
    repository: str, path: str, branch: str, since: str | None, time: str, default_namespace: str, shared: Shared
) -> int:
    """Make a trace of the commits of REPOSITORY: each is an event with what it adds, changes and deletes.

    Merges count against their first parent. The repository may be bare or shallow; nothing is checked out. The first
    event holds what was there with the first commit. Objects are told apart by kind, namespace and name, whatever file
    they stand in. Helm charts and kustomizations are not rendered.
    """
    from skel.record.imports.git import Choice, git_changes

    shared.refuse_overwrite(repository)
    choice = Choice(branch, path, since, default_namespace, time == "author")
    return run_import(shared, lambda losses, _: git_changes(repository, losses, choice))
