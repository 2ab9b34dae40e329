"""What `check` and `migrate` have in common: the way of the upgrade, the packs, and what is read."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any, TypeVar

import click

from skel.cli.output import begins_a_trace, is_trace

if TYPE_CHECKING:
    from skel.manifests.document import Manifests
    from skel.trace.model import Trace
    from skel.upgrade.checking import Upgrade

Command = TypeVar("Command", bound=Callable[..., Any])


def upgrade_options(command: Command) -> Command:
    """`--from`, `--to`, `--component`, `--pack`."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


_OPTIONS = (
    click.option(
        "--from", "source", metavar="RELEASE", envvar="SKEL_FROM", help="The release of Kubernetes that runs now."
    ),
    click.option(
        "--to", "target", metavar="RELEASE", envvar="SKEL_TO", help="The release to go to (default: the newest known)."
    ),
    click.option(
        "--component",
        "components",
        multiple=True,
        metavar="NAME=[FROM..]TO",
        help="An add-on and its releases, such as cert-manager=1.10..1.16.",
    ),
    click.option(
        "--pack", "packs", multiple=True, metavar="NAME|PATH", help="A pack of rules besides those installed."
    ),
)


def read_upgrade(
    source: str | None, target: str | None, components: tuple[str, ...], packs: tuple[str, ...]
) -> Upgrade:
    """Choose and compile the rules. Raises click's errors for bad releases."""
    from skel.kube.release import UnknownRelease
    from skel.upgrade.checking import prepare
    from skel.upgrade.packs import upgrade_packs
    from skel.upgrade.route import BadRoute

    try:
        return prepare(source, target, components=components_of(components), packs=upgrade_packs(packs))
    except (UnknownRelease, BadRoute) as error:
        raise click.UsageError(str(error)) from None


def components_of(texts: tuple[str, ...]) -> dict[str, tuple[str | None, str]]:
    """Source and target of each add-on. Raises a usage error."""
    return dict(map(_component, texts))


def _component(text: str) -> tuple[str, tuple[str | None, str]]:
    name, equals, releases = text.partition("=")
    if not (name and equals and releases):
        raise click.UsageError(f"--component takes NAME=RELEASE or NAME=FROM..TO, not {text!r}")
    source, dots, target = releases.partition("..")
    if name == "kubernetes":
        raise click.UsageError("the releases of Kubernetes are given with --from and --to")
    return name, ((source or None, target) if dots else (None, releases))


@dataclass(frozen=True, slots=True)
class Inputs:
    """What was named on the command line: traces, and everything else together as manifests (None if there is none).

    `named` are those files and folders; `stdin` is the text of standard input if it holds manifests.
    """

    traces: tuple[Trace, ...]
    manifests: Manifests | None
    named: tuple[str, ...] = ()
    stdin: bytes = b""


def read_inputs(names: tuple[str, ...]) -> Inputs:
    """Read traces and manifests; which is which is known by the content. Raises TraceError for a bad trace."""
    from skel.manifests.reading import read_inputs as read_manifests
    from skel.storage.store import is_remote, read_bytes, shown
    from skel.trace.model import Trace

    if not names:
        raise click.UsageError("name a trace, or files and folders of manifests; `-` is standard input")
    if names.count("-") > 1:
        raise click.UsageError("standard input can be read only once")
    missing = [name for name in names if name != "-" and not is_remote(name) and not _is_there(name)]
    if missing:
        raise click.UsageError(f"there is no file or folder `{missing[0]}`")
    stdin = read_bytes("-") if "-" in names else b""
    traces: list[Trace] = []
    others: list[str] = []
    for name in names:
        if is_remote(name):
            traces += map(_remote, _all_of(name))
        elif name == "-" and begins_a_trace(stdin):
            traces.append(Trace.from_bytes(stdin, "<standard input>"))
        elif name != "-" and is_trace(name):
            traces.append(Trace.open(name))
        else:
            others.append(name)
    manifests = read_manifests(others, BytesIO(stdin)) if others else None
    return Inputs(tuple(traces), manifests, tuple(map(shown, others)), stdin if "-" in others else b"")


def _is_there(name: str) -> bool:
    from skel.storage.place import File, place

    found = place(name)
    return isinstance(found, File) and found.path.exists()


def _all_of(url: str) -> list[str]:
    """The traces below a prefix, or the one at a URL. Raises TraceError."""
    from skel.storage.listing import traces

    return [found.path for found in traces(url)]


def _remote(url: str) -> Trace:
    """Read what is at a URL, once. Raises TraceError, and a usage error for what is no trace."""
    from skel.storage.store import read_bytes, shown
    from skel.trace.model import Trace

    data = read_bytes(url)
    if not begins_a_trace(data):
        raise click.UsageError(f"{shown(url)} is no trace; manifests are read from files, folders and standard input")
    return Trace.from_bytes(data, shown(url))
