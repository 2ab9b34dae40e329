"""The last chapter of `skel rehearse`: faults on both releases."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import click

from skel.cli.fault_options import progress, refuse_without_extra
from skel.cli.options import painter

if TYPE_CHECKING:
    from skel.faults.model import Report, Scenario
    from skel.faults.search.standard import Chapter


def faults_chapter(trace: str, source: str, target: str, *, err: bool, color: str) -> int:
    """Play the standard disturbances on the workloads of the trace, and say what is worse on the target.

    Exit code 1 if anything is. It goes to standard error where standard output has a report for programs.
    """
    refuse_without_extra()
    from skel.cluster.versions import kubernetes
    from skel.report.faults.chapter import chapter_lines

    found = asyncio.run(_played(trace, kubernetes(source).version, kubernetes(target).version))
    paint = painter(color, err=err)
    for line in chapter_lines(found, paint):
        click.echo(line, err=err, color=paint.color)
    return found.exit_code


async def _played(trace: str, source: str, target: str) -> Chapter:
    from skel.faults.search.bases import base_of_trace
    from skel.faults.search.standard import chapter
    from skel.faults.session import Column, session

    base = base_of_trace(trace)
    # A world for each release, both kept.
    async with session(None, progress()) as old, session(None, progress()) as new:

        async def on(scenario: Scenario, release: str) -> Report:
            return await (old if release == source else new).run(scenario, Column(release))

        return await chapter(base, source, target, on)
