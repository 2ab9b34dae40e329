"""`skel import manifests`: what lies in files becomes one event."""

from __future__ import annotations

import click

from skel.cli.import_options import Shared, at_option, import_options, refuse_missing, run_import


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@at_option
@click.option("--default-namespace", metavar="NAME", default="default", help="For objects that name none and need one.")
@import_options
def command(paths: tuple[str, ...], at: str | None, default_namespace: str, shared: Shared) -> int:
    """Make a trace of one event: all objects in PATHs.

    PATH is a file, a folder with *.yaml, *.yml and *.json, a tar archive such as a backup of Velero, or `-`; packed
    with gzip or zstd or not. Lists and several documents are taken apart, status and what a server writes is left out.
    Helm charts and kustomizations are not rendered: pipe in what renders them.
    """
    from skel.record.imports.manifests import manifest_changes
    from skel.record.imports.options import parse_time

    shared.refuse_overwrite(*paths)
    refuse_missing(paths)
    time = parse_time(at) if at else None
    return run_import(shared, lambda losses, _: manifest_changes(paths, losses, namespace=default_namespace, at=time))
