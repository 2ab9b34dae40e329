"""`skel import helm`: the history that Helm keeps of its releases."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from skel.cli.import_options import Shared, import_options, run_import

if TYPE_CHECKING:
    from skel.record.imports.change import Change
    from skel.record.imports.losses import Losses
    from skel.record.imports.options import Wanted


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE...]")
@click.option("--context", metavar="NAME", help="Of the kubeconfig: read the releases of this cluster.")
@click.option("--kubeconfig", metavar="FILE", help="Instead of $KUBECONFIG and ~/.kube/config.")
@import_options
def command(files: tuple[str, ...], context: str | None, kubeconfig: str | None, shared: Shared) -> int:
    """Make a trace of Helm releases: each revision is an event with what it applied and deleted.

    Releases come from a cluster, read only, or from FILEs as `kubectl get secrets -A -l owner=helm -o yaml` writes
    them; `-` is standard input. Of each release Helm keeps the last ten revisions, unless told otherwise. Hooks are
    left out.
    """
    if bool(files) == bool(context or kubeconfig):
        raise click.UsageError("name a cluster with --context or --kubeconfig, or files")
    shared.refuse_overwrite(*files)

    def source(losses: Losses, wanted: Wanted) -> Iterable[Change]:
        from skel.record.imports.helm import helm_changes, stored_in

        if files:
            return helm_changes(stored_in(files, losses), losses)
        return helm_changes(_of_cluster(context, kubeconfig, wanted), losses)

    return run_import(shared, source)


def _of_cluster(context: str | None, kubeconfig: str | None, wanted: Wanted) -> Iterable[tuple[dict[str, object], str]]:
    from skel.cli.cluster_options import need_extra

    need_extra()
    from skel.client.kubeconfig import load
    from skel.record.imports.helm_cluster import stored_in_cluster

    return stored_in_cluster(load(kubeconfig, context), wanted.namespaces)
