"""What begins with a colon: orders to the prompt itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from skel.language.formatter import format_source
from skel.language.nearest import nearest
from skel.language.text import Source
from skel.repl import view
from skel.repl.shell import Shell
from skel.storage.store import write_atomically
from skel.trace.census import count_kinds
from skel.trace.errors import TraceError


@dataclass(frozen=True, slots=True)
class Order:
    """`run` gets the shell and what stands behind the name."""

    usage: str
    help: str
    run: Callable[[Shell, str], None]


def obey(shell: Shell, text: str) -> None:
    """Carry out an order, given without its colon."""
    name, _, argument = text.partition(" ")
    order = ORDERS.get(name)
    if order is None:
        near = nearest(name, ORDERS)
        hint = f"did you mean `:{near}`?" if near else "`:help` lists what there is"
        shell.fail(f"{shell.paint('error', 'red', 'bold')}: there is no `:{name}`", hint)
    else:
        order.run(shell, argument.strip())


def _apply(shell: Shell, _: str) -> None:
    trial = shell.session.apply()
    if trial is None:
        raise TraceError("there is nothing to apply", "type a command first, such as `remove(status);`")
    done = view.counted(len(shell.session.applied), "program")
    shell.out(f"applied; {done} so far, `:save FILE` writes the trace")


def _undo(shell: Shell, _: str) -> None:
    undone = shell.session.undo()
    if undone is None:
        raise TraceError("nothing was applied, so there is nothing to undo")
    shell.out(f"undone: {' '.join(undone.text.split())}")


def _more(shell: Shell, _: str) -> None:
    shell.more()


def _show(shell: Shell, argument: str) -> None:
    lines = shell.show(int(argument)) if argument.isdecimal() and int(argument) else None
    if lines is None:
        raise TraceError(f"there is no hit `{argument}`", "`:show 2` shows the second hit of the last answer")
    shell.say(lines)


def _kinds(shell: Shell, _: str) -> None:
    shell.say(view.kinds(count_kinds(shell.session.trace)))


def _program(shell: Shell, path: str) -> None:
    text = format_source(Source("<applied>", shell.session.program_text()))
    if not path:
        shell.say(text.splitlines() or ["nothing was applied"])
        return
    _refuse_input(shell, path)
    write_atomically(path, lambda file: file.writelines([text.encode()]))
    shell.out(f"wrote {path}")


def _save(shell: Shell, path: str) -> None:
    if not path:
        raise TraceError("`:save` needs the name of a file")
    _refuse_input(shell, path)
    shell.session.save(path)
    shell.out(f"wrote {path}")


def _refuse_input(shell: Shell, path: str) -> None:
    if shell.session.is_input(path):
        raise TraceError(f"{path} is the trace that is open, and is not overwritten", "give another name")


def _help(shell: Shell, _: str) -> None:
    width = max(len(order.usage) for order in ORDERS.values())
    shell.say(_INTRODUCTION.splitlines())
    shell.say(f"  {shell.paint(f'{order.usage:<{width}}', 'cyan')}  {order.help}" for order in ORDERS.values())


def _quit(shell: Shell, _: str) -> None:
    shell.is_over = True


_INTRODUCTION = """\
A selector shows what it matches:    kind == "Deployment" && spec.replicas > 1
A command shows what it would do:    remove(status);
"""

ORDERS: MappingProxyType[str, Order] = MappingProxyType(
    {
        "apply": Order(":apply", "keep what the last command did", _apply),
        "undo": Order(":undo", "take back what was applied last", _undo),
        "more": Order(":more", "more of the last answer", _more),
        "show": Order(":show N", "the whole of hit N of the last answer", _show),
        "kinds": Order(":kinds", "the kinds in the trace, and how many objects of each", _kinds),
        "program": Order(":program [FILE]", "show, or write, everything that was applied", _program),
        "save": Order(":save FILE", "write the trace as it is now", _save),
        "help": Order(":help", "this list", _help),
        "quit": Order(":quit", "leave; Ctrl-D does the same", _quit),
    }
)
