"""`skel data`: what is known of Kubernetes, and from what."""

from __future__ import annotations

import re

import click

from skel.cli.options import color_option, painter

# Anything that begins as a release does is meant as one; no kind does.
_RELEASE = re.compile(r"v?[0-9]", re.ASCII)


@click.command()
@click.argument("what", required=False)
@click.option("-o", "--output", "form", type=click.Choice(["text", "json"]), default="text", help="Form of the output.")
@color_option
def command(what: str | None, form: str, color: str) -> int:
    """Show which Kubernetes minors are known, from what, and as of when.

    With a release (1.25) show what changed in it; with a kind (CronJob, cronjobs, batch/v1.CronJob) its life over the
    releases.
    """
    if what is None:
        lines, document = _known(color)
    elif _RELEASE.match(what):
        lines, document = _changes(what, color)
    else:
        lines, document = _kind(what, color)
    click.echo("".join(f"{line}\n" for line in lines) if form == "text" else document, nl=False, color=True)
    return 0


def _known(color: str) -> tuple[list[str], str]:
    from skel.kube.release import data_info
    from skel.report.releases import as_json, known_json, known_lines

    info = data_info()
    return list(known_lines(info, painter(color))), as_json("minors", known_json(info), info)


def _changes(release: str, color: str) -> tuple[list[str], str]:
    from skel.kube.history import changes
    from skel.kube.release import UnknownRelease, data_info
    from skel.report.releases import as_json, change_json, change_lines

    try:
        found = changes(release)
    except (UnknownRelease, LookupError) as error:
        raise click.UsageError(str(error)) from None
    return list(change_lines(found, painter(color))), as_json("changes", change_json(found), data_info())


def _kind(name: str, color: str) -> tuple[list[str], str]:
    from skel.kube.history import histories_of, known_names
    from skel.kube.release import data_info
    from skel.language.nearest import nearest
    from skel.report.releases import as_json, kind_json, kind_lines

    found = histories_of(name)
    if not found:
        near = nearest(name, known_names())
        hint = f"did you mean `{near}`?" if near else "custom resources are not part of the data"
        raise click.UsageError(f"no known minor serves a kind {name!r}; {hint}")
    return list(kind_lines(found, painter(color))), as_json("kinds", kind_json(found), data_info())
