"""`skel import audit`: what the requests in an audit log did, and who calls old APIs."""

from __future__ import annotations

import click

from skel.cli.cluster_options import Shown
from skel.cli.import_options import Shared, counting, import_options, run_import, say_losses

FORMATS = ("text", "json", "csv", "markdown")


@click.command()
@click.argument("logs", nargs=-1, required=True, metavar="LOG...")
@click.option("--callers", is_flag=True, help="Say who calls deprecated and removed APIs instead.")
@click.option("--format", "form", type=click.Choice(FORMATS), help="Of --callers; text by default.")
@import_options
def command(logs: tuple[str, ...], callers: bool, form: str | None, shared: Shared) -> int:
    """Make a trace of LOGs: JSON lines of audit.k8s.io, or batches of a webhook.

    Files come in any order, may be rotated, doubled and packed with gzip or zstd; `-` is standard input. Requests must
    have been logged at level RequestResponse to show what they changed; --callers needs no more than Metadata. With
    --callers there is no trace: the table goes to --output.
    """
    from skel.record.imports.audit.read import audit_changes

    shared.refuse_overwrite(*logs)
    if callers:
        return _callers(logs, form or "text", shared)
    if form:
        raise click.UsageError("--format is the form of the table of --callers; a trace has only one")
    return run_import(shared, lambda losses, wanted: audit_changes(logs, losses, wanted), skip_noise=True)


def _callers(logs: tuple[str, ...], form: str, shared: Shared) -> int:
    from skel.cli.output import write_text
    from skel.record.imports.audit.callers import Callers
    from skel.record.imports.audit.read import audit_callers
    from skel.record.imports.losses import Losses
    from skel.report.callers import render_callers
    from skel.storage.store import try_to_write

    if shared.output != "-":
        try_to_write(shared.output)
    shown = Shown()
    losses = Losses(counting(shown))
    callers = Callers()
    try:
        audit_callers(logs, losses, callers)
    finally:
        say_losses(losses, shown)
    text = render_callers(callers, form)
    write_text(shared.output, lambda file: file.writelines([text.encode()]))
    return 1 if callers.calls or (shared.strict and losses) else 0
