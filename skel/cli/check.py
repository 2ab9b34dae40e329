"""`skel check`: what of these objects the target does not serve, or treats differently."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from skel.cli.findings_options import Reporting, findings_options
from skel.cli.progress import progress
from skel.cli.upgrade_options import Inputs, read_inputs, read_upgrade, upgrade_options

if TYPE_CHECKING:
    from skel.findings.model import Findings
    from skel.upgrade.checking import Upgrade


@click.command()
@click.argument("inputs", nargs=-1)
@upgrade_options
@findings_options
def command(inputs: tuple[str, ...], reporting: Reporting, **way: Any) -> int:
    """Check traces, or files and folders of manifests, for an upgrade of Kubernetes.

    `-` stands for standard input: the output of Helm, of kustomize, of `kubectl get -o yaml`, or a trace. Every finding
    names its rule, the object, the evidence and the fix; `skel migrate` applies the fixes. Exit code 1 if there are
    findings that count (see --fail-on), 2 if something could not be checked.
    """
    from skel.trace.codec import without_gc

    with without_gc():
        upgrade = read_upgrade(**way)
        read = read_inputs(inputs)
        from skel.upgrade.checking import merge

        texts = {"<standard input>": read.stdin.decode("utf-8", "replace")} if read.stdin else {}
        return reporting.finish(merge(_parts(upgrade, read)), sources=texts)


def _parts(upgrade: Upgrade, read: Inputs) -> Iterator[Findings]:
    from skel.upgrade.checking import check_trace
    from skel.upgrade.manifests import check_manifests

    for trace in read.traces:
        with progress(len(trace.events)) as done:
            yield check_trace(upgrade, trace, progress=done)
    if read.manifests is not None:
        yield check_manifests(upgrade, read.manifests, read.named)
