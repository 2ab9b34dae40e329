"""`skel record`: a trace of what goes on in a cluster."""

from __future__ import annotations

from typing import Any

import click

from skel.cli.record_orders import Asked, run
from skel.cli.replay_orders import duration


@click.command()
@click.option("-o", "--output", "target", default="", metavar="TRACE", help="A file; a folder or URL ending in `/`.")
@click.option("--context", metavar="NAME", help="A cluster, by the name of its context.")
@click.option("--kubeconfig", metavar="FILE", help="Instead of $KUBECONFIG and ~/.kube/config.")
@click.option("--for", "length", callback=duration, metavar="TIME", help="How long; otherwise until Ctrl-C.")
@click.option("--config", "config", metavar="FILE", help="Which kinds: the recorder's tracer.yaml.")
@click.option("--kind", "kinds", multiple=True, metavar="KIND", help="A kind besides: batch/v1beta1.CronJob.")
@click.option("-n", "--namespace", "namespaces", multiple=True, metavar="NAME", help="Only this namespace.")
@click.option("--exclude-namespace", "excluded", multiple=True, metavar="NAME", help="Not this namespace.")
@click.option("-l", "--selector", default="", metavar="LABELS", help="Only objects with these labels.")
@click.option("--every-change", is_flag=True, help="Changes of metadata too, not only those of the spec.")
@click.option("--drop", default="", metavar="WORDS", help="Leave out managedFields, last-applied or both.")
@click.option("--secrets", is_flag=True, help="With `--kind v1.Secret`: their values too, not only the keys.")
@click.option("--rotate", callback=duration, metavar="TIME", help="Into a folder: a trace each hour (default: 1h).")
@click.option("--rotate-size", metavar="SIZE", help="Or whenever so much has come: 64MB, the default.")
@click.option("--journal", metavar="DIR", help="Where it is written down meanwhile (default: beside TRACE).")
@click.option("--serve", metavar="[HOST]:PORT", help="Health, metrics, and /export for `skctl export`.")
@click.option("--keep", callback=duration, default="24h", metavar="TIME", help="How far back /export can go.")
def command(**settings: Any) -> int:
    """Record what goes on in a cluster; nothing is installed in it, and nothing is written to it.

    Needs to get, list and watch what it records: workloads and what they name, but no Secrets. Ctrl-C ends the
    recording with a good trace. Everything is written down as it comes: after a crash, the same command goes on.
    """
    return run(Asked(**settings))
