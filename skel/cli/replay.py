"""`skel replay`: does my history run there?"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from skel.cli.options import color_option, painter
from skel.cli.output import refuse_unwritable
from skel.cli.replay_live import driver_for
from skel.cli.replay_orders import Orders, duration, pod_delays, speed, voice
from skel.cli.replay_reports import need_parquet, upgrade_info, upgrade_lines, write_page, write_tables
from skel.cli.replay_target import Place

if TYPE_CHECKING:
    from skel.replay.result import RunResult

_PLACE = tuple(Place.__dataclass_fields__)


@click.command()
@click.argument("inputs", nargs=-1)
@click.option("--on", "where", metavar="TARGET", help="dry:RELEASE; local:RELEASE, which is started; in-cluster.")
@click.option("--cluster", metavar="NAME", help="A cluster of `skel cluster` that runs.")
@click.option("--context", metavar="NAME", help="A cluster, by the name of its context.")
@click.option("--kubeconfig", metavar="FILE", help="Instead of $KUBECONFIG and ~/.kube/config.")
@click.option("--as", "as_user", metavar="USER", help="Be this user there, as with kubectl.")
@click.option("--nodes", type=click.IntRange(1), default=10, metavar="N", help="Of what is started (default: 10).")
@click.option("-n", "--namespace", "namespaces", multiple=True, metavar="NAME", help="Only what is in it (repeatable).")
@click.option("-A", "--all-namespaces", "everywhere", is_flag=True, help="What is in all of them; the default.")
@click.option("-l", "--selector", metavar="LABELS", help="Only objects with these labels: app=web,tier!=db.")
@click.option("--speed", callback=speed, default="1", metavar="FACTOR", help="Simulated seconds in one; `max`.")
@click.option("--start", callback=duration, default="0s", metavar="TIME", help="Begin with what is there then.")
@click.option("--duration", callback=duration, metavar="TIME", help="End so long after the beginning.")
@click.option("--repeat", type=click.IntRange(1), default=1, metavar="N", help="Play it so often.")
@click.option(
    "--namespace-prefix", "prefix", default="virtual", metavar="WORD", help="The namespace shop is WORD-shop."
)
@click.option("--at-once", type=click.IntRange(1, 1024), default=16, metavar="N", help="Requests under way.")
@click.option("--request-timeout", "timeout", callback=duration, default="60s", metavar="TIME", help="For an answer.")
@click.option(
    "--upgrade", "upgrades", multiple=True, metavar="TIME=RELEASE", help="Upgrade the control plane then: 30m=1.25."
)
@click.option(
    "--pod-delay",
    "delays",
    callback=pod_delays,
    multiple=True,
    metavar="STEP=TIME[..TIME]",
    help="How long pods take to create, ready or complete.",
)
@click.option(
    "--metrics-interval",
    "interval",
    callback=duration,
    default="15s",
    metavar="TIME",
    help="Simulated time between two looks (default: 15s).",
)
@click.option("--hooks", "hook_files", multiple=True, metavar="FILE", help="Commands around the run.")
@click.option("--run-dir", metavar="DIR", help="Where the record of the run goes.")
@click.option("--report", metavar="FILE", help="Write a page with charts as well: one HTML file.")
@click.option("--parquet", is_flag=True, help="The record of the run as Parquet as well.")
@click.option("--resume", metavar="RUN", help="Take up the run in this folder again.")
@click.option("--fail-fast", is_flag=True, help="End with the first object that is rejected.")
@click.option("--keep", is_flag=True, help="Leave everything in the cluster.")
@click.option("--i-know-this-cluster", "known_cluster", is_flag=True, help="It has no mark; write to it.")
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", help="Form of the result.")
@color_option
def command(inputs: tuple[str, ...], output: str, color: str, **settings: Any) -> int:
    """Play a trace, or files and folders of manifests, against an API server.

    An object that is rejected does not end the run: it is named at the end, with the rule that explains it and the
    command that repairs it. Exit code 1 if an object was rejected, 2 if the run failed.
    """
    place = Place(**{name: settings.pop(name) for name in _PLACE})
    orders = Orders(inputs, place, **settings).recalled()
    orders.place.check()
    refuse_unwritable(orders.report)
    if orders.parquet:
        need_parquet()
    result = _run(orders)
    if orders.report is not None:
        write_page(result.folder, orders.report)
    if orders.parquet:
        write_tables(result.folder)
    _show(result, orders, output, color)
    return result.exit_code


def _run(orders: Orders) -> RunResult:
    from skel.replay.running import play

    plan, folder, said = orders.plan(), orders.folder(), voice()
    if orders.upgrades:
        from skel.cli.replay_upgrade import run_upgraded

        return run_upgraded(orders, plan, folder, said)

    with orders.place.opened(said.tell, own=plan.simulation) as open_target:
        return play(
            open_target, lambda target: driver_for(plan, target, folder, said), resume=orders.resume is not None
        )


def _show(result: RunResult, orders: Orders, output: str, color: str) -> None:
    if output == "json":
        import msgspec

        info = {**result.info, **upgrade_info(orders, result)}
        click.echo(msgspec.json.format(msgspec.json.encode(info), indent=2).decode())
    else:
        from skel.report.replay import replay_lines
        from skel.storage.place import recorded

        paint = painter(color)
        sys.stdout.writelines(upgrade_lines(orders, result, paint))
        named = ", ".join(map(recorded, orders.inputs))
        sys.stdout.writelines(f"{line}\n" for line in replay_lines(result, named, paint))
    if result.error:
        paint = painter(color, err=True)
        click.echo(f"{paint('error', 'red', 'bold')}: {result.error}", err=True, color=paint.color)
        if result.hint:
            click.echo(f"  {paint('help', 'cyan')}: {result.hint}", err=True, color=paint.color)
