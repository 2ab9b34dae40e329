"""The steps of one header as one Python function: generated source, compiled once, the fastest way through a program.

What most programs consist of is written out: tests of plain paths, removals, constants written into maps that are
there, loops over arrays with a test of each item. Everything else is a call of the closures that the steps have anyway,
so the function can do whatever they can. `Script.source` is the text, and tracebacks show its lines.

The function is called with the frame, a log, and two sets for the numbers of the rules that matched and that changed
something. It returns the step after which the object has another header or is gone, else None. Operations are made by
closures, for those who ask for them: of a change that is written out, the log gets a Remove of the place and no more.
"""

from __future__ import annotations

import linecache
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby, takewhile
from types import CodeType, MappingProxyType
from typing import cast

from skel.compiler.equality import same
from skel.compiler.frame import Frame
from skel.compiler.header import Header, header_of
from skel.compiler.paths import Context, plain_keys
from skel.compiler.plan import Open
from skel.compiler.script_loops import Loop, Way, each_array, each_item, way_of
from skel.compiler.script_tests import Tests, among, holds_key, is_variable, keys_below, names, whole
from skel.compiler.sheet import EMPTY, Keys, Sheet
from skel.compiler.step import CompiledStep
from skel.compiler.values import constant
from skel.compiler.write import Log
from skel.language import ast
from skel.patch.operations import Remove
from skel.patch.values import Json

Run = Callable[[Frame, Log, set[int], set[int]], CompiledStep | None]


@dataclass(frozen=True, slots=True)
class Script:
    """The function, its text, and the first two keys of all places that it looks at without a closure."""

    run: Run
    source: str
    looks: frozenset[Keys]


_HEAD = "def run(frame, log, matched, changed):"
_GLOBALS = MappingProxyType({"EMPTY": EMPTY, "header_of": header_of, "same": same, "among": among, "whole": whole})


def compile_script(steps: Sequence[CompiledStep], header: Header, context: Context, *, counts_certain: bool) -> Script:
    """The function for these steps. `counts_certain`: certain steps say that they matched, as all others do."""
    writer = _Writer(header, context, counts_certain)
    for way, group in groupby(steps, writer.removal_below):
        run = list(group)
        if way is not None:
            writer.removals(run, way)
        else:
            for step in run:
                writer.step(step)
    sheet = writer.sheet
    source, scope = sheet.source(_HEAD), dict(sheet.values)
    exec(_compiled(source), scope)  # noqa: S102  (the text is made here; what comes from a program is quoted in it)
    return Script(cast("Run", scope["run"]), source, frozenset(sheet.looks))


@lru_cache(maxsize=256)
def _compiled(text: str) -> CodeType:
    """The code of the text; kinds that are treated alike share it. The text is kept for tracebacks."""
    name = f"<script {hash(text):x}>"
    linecache.cache[name] = (len(text), None, text.splitlines(keepends=True), name)
    return compile(text, name, "exec")


class _Writer:
    """Writes one step after the other."""

    def __init__(self, header: Header, context: Context, counts_certain: bool) -> None:
        self.context = context
        self.counts_certain = counts_certain
        self.sheet = Sheet({**_GLOBALS, "HEADER": header})
        self.tests = Tests(self.sheet, context)

    def step(self, step: CompiledStep) -> None:
        self.sheet.line(f"# rule {step.rule}, step {step.index}")
        with ExitStack() as blocks:
            if step.guard is not None:
                blocks.enter_context(self.sheet.block(f"if opened[{step.guard}]:"))
            if step.follows or step.writes_header or not self.on_items(step):
                self.on_object(step)

    def on_object(self, step: CompiledStep) -> None:
        """The selector as a test, and below it the command."""
        with ExitStack() as blocks:
            for test in self.selector(step):
                blocks.enter_context(self.sheet.block(f"if {test}:"))
            self.match(step)
            if isinstance(step.command, Open):
                self.sheet.line(f"opened[{step.command.block}] = True")
            elif step.follows or not self.written_out(step):
                self.call(step)

    def selector(self, step: CompiledStep) -> list[str]:
        """Tests that must all hold. A selector with variables is left to its closure; a look whether there is anything
        to bind saves most calls.
        """
        if isinstance(step.selector, bool):
            return []
        terms = _terms(step.selector)
        bind = next((number for number, term in enumerate(terms) if isinstance(term, ast.Bind)), None)
        if bind is None:
            return [self.tests.all_of(terms)]
        before = [self.tests.all_of(terms[:bind])] if bind else []
        return [*before, *self.some_item(terms[bind]), self.tests.closure(step.predicate)]

    def some_item(self, bind: ast.Term) -> list[str]:
        """Lines that find out whether some item can be bound, and the name of the answer."""
        assert isinstance(bind, ast.Bind)
        way, item = way_of(bind.path, self.context), self.sheet.fresh("item")
        test = self.tests.item_test(bind.test, bind.variable.slot, item, {}) if bind.test is not None else "True"
        if way is None or way.tail or not test:
            return []
        found = self.sheet.fresh("found")
        self.sheet.line(f"{found} = False")
        with each_item(self.tests, way, item), self.sheet.block(f"if {test}:"):
            self.sheet.line(f"{found} = True")
            self.sheet.line("break")
        return [found]

    def match(self, step: CompiledStep) -> None:
        if self.counts_certain or not step.is_certain:
            self.sheet.line(f"matched.add({step.rule})")

    def changed(self, step: CompiledStep, keys: Keys, *, inside: bool = False) -> None:
        """The step changed what is at these keys; `inside` an array there, which stays the same array."""
        self.sheet.line(f"changed.add({step.rule})")
        self.sheet.line(f"log.append({self.sheet.value('place', Remove(keys))})")
        if not inside:
            self.sheet.again(keys)

    def call(self, step: CompiledStep) -> None:
        """The closure of the command, which may do anything."""
        sheet = self.sheet
        assert step.action is not None
        action = sheet.value("action", step.action)
        sheet.line(f"frame.rule = {step.rule}")
        sheet.line("before = len(log)")
        sheet.line(f"{action}(whole(frame), log)")
        with sheet.block("if len(log) != before:"):
            sheet.line(f"changed.add({step.rule})")
            turned = " or header_of(holder[0]) != HEADER" if step.writes_header else ""
            with sheet.block(f"if holder[0] is None{turned}:"):
                sheet.line(f"return {sheet.value('step', step)}")
            sheet.again(())

    # ---- commands on the object --------------------------------------------------------------------------------------

    def written_out(self, step: CompiledStep) -> bool:
        """The command as lines, if it is one of the simple ones."""
        match step.command:
            case ast.Remove(path=path) if not step.writes_header and (keys := plain_keys(path, self.context)):
                self.removed_key(step, self.sheet.map_of(keys), keys[-1], keys)
                return True
            case ast.Modify(path=path) if keys := plain_keys(path, self.context):
                return self.written_key(step, keys)
            case _:
                return False

    def removed_key(
        self, step: CompiledStep, node: str, key: str, place: Keys, *, maps: Sequence[str] = (), inside: bool = False
    ) -> None:
        with self.sheet.block(f"if {' and '.join([*maps, holds_key(node, key)])}:"):
            self.sheet.line(f"del {node}[{key!r}]")
            self.changed(step, place, inside=inside)

    def written_key(self, step: CompiledStep, keys: Keys) -> bool:
        """A constant, or the text at a plain path, written into a map that is there; else the closure makes one."""
        assert isinstance(step.command, ast.Modify)
        value, is_text = self.scalar(step.command.value)
        if not value:
            return False
        node = self.sheet.map_of(keys)
        with self.sheet.block(f"if {node} is EMPTY{is_text}:"):
            self.call(step)
        with self.sheet.block(f"elif {_differs(step.command, node, keys[-1], value)}:"):
            self.sheet.line(f"{node}[{keys[-1]!r}] = {value}")
            self.changed(step, keys)
            if step.writes_header:
                self.sheet.looks.add(("metadata",))  # whom the object is now
                with self.sheet.block("if header_of(root) != HEADER:"):
                    self.sheet.line(f"return {self.sheet.value('step', step)}")
        return True

    def scalar(self, value: ast.Value) -> tuple[str, str]:
        """The value as an expression, and what to ask before it is used; "" if it is none that can be written out."""
        fixed = constant(value)
        if _scalar(fixed):
            return repr(fixed), ""
        if isinstance(value, ast.Path) and (keys := plain_keys(value, self.context)):
            found = self.sheet.fresh("value")
            return found, f" or type({found} := {self.sheet.map_of(keys)}.get({keys[-1]!r})) is not str"
        return "", ""

    # ---- neighbouring removals from the same maps --------------------------------------------------------------------

    def removal_below(self, step: CompiledStep) -> Way | None:
        """The maps in arrays from which the step removes a key, of whatever object."""
        is_removal = step.is_certain and not step.writes_header and isinstance(step.command, ast.Remove)
        way = way_of(step.command.path, self.context) if is_removal and isinstance(step.command, ast.Remove) else None
        return Way(way.runs, way.tail[:-1]) if way is not None and way.tail else None

    def removals(self, steps: Sequence[CompiledStep], way: Way) -> None:
        """One walk for all; map by map does what step by step does."""
        item = self.sheet.fresh("item")
        self.sheet.line(f"# rules {', '.join(str(step.rule) for step in steps)}")
        if self.counts_certain:
            for step in steps:
                self.match(step)
        maps, node = self.tests.descent(item, way.tail)
        with each_item(self.tests, way, item), self.sheet.block(f"if {' and '.join(maps)}:"):
            for step in steps:
                assert isinstance(step.command, ast.Remove)
                *_, last = step.command.path.steps
                assert isinstance(last, ast.Key)
                self.removed_key(step, node, last.name, way.runs[0], inside=True)

    # ---- commands on the items of a variable -------------------------------------------------------------------------

    def on_items(self, step: CompiledStep) -> bool:
        """`$x := path[*] | test`, perhaps several, and a command on one of the variables: the items that pass are
        collected, then changed. False if the step is none of this kind.
        """
        if isinstance(step.selector, bool):
            return False
        terms = _terms(step.selector)
        before = tuple(takewhile(lambda term: not isinstance(term, ast.Bind), terms))
        loops = self.loops(terms[len(before) :])
        target = next((loop for loop in loops if _is_item_command(step.command, loop.slot)), None)
        if target is None:
            return False
        with ExitStack() as blocks:
            if before:
                blocks.enter_context(self.sheet.block(f"if {self.tests.all_of(before)}:"))
            for loop in loops:
                self.collect(loop)
                blocks.enter_context(self.sheet.block(f"if {loop.hits}:"))
            self.match(step)
            with self.sheet.block(f"for array, place, item in reversed({target.hits}):"):
                self.item_changed(step, target.way.runs[0])
        return True

    def loops(self, terms: tuple[ast.Term, ...]) -> list[Loop]:
        """A loop for each of the terms; none if not all of them can be one."""
        loops: list[Loop] = []
        for term in terms:
            if not isinstance(term, ast.Bind) or term.test is None:
                return []
            way, item = way_of(term.path, self.context), self.sheet.fresh("item")
            test = self.tests.item_test(term.test, term.variable.slot, item, {loop.slot: loop.hits for loop in loops})
            if way is None or way.tail or not test:
                return []
            loops.append(Loop(term.variable.slot, way, item, test, self.sheet.fresh("hits")))
        return loops

    def collect(self, loop: Loop) -> None:
        """The items that pass, each with its array and its place there."""
        self.sheet.line(f"{loop.hits} = []")
        with ExitStack() as blocks:
            array = blocks.enter_context(each_array(self.tests, loop.way))
            blocks.enter_context(self.sheet.block(f"for place, {loop.item} in enumerate({array}):"))
            blocks.enter_context(self.sheet.block(f"if {loop.test}:"))
            self.sheet.line(f"{loop.hits}.append(({array}, place, {loop.item}))")

    def item_changed(self, step: CompiledStep, place: Keys) -> None:
        """One of the items that passed."""
        match step.command:
            case ast.Remove(path=ast.Path(steps=())):
                self.sheet.line("del array[place]")
                self.changed(step, place, inside=True)
            case ast.Remove(path=path):
                *keys, last = names(path)
                maps, node = self.tests.descent("item", tuple(keys))
                self.removed_key(step, node, last, place, maps=maps, inside=True)
            case ast.Modify(path=path):
                (key,) = names(path)
                value = repr(constant(step.command.value))
                with self.sheet.block(f"if {_differs(step.command, 'item', key, value)}:"):
                    self.sheet.line(f"item[{key!r}] = {value}")
                    self.changed(step, place, inside=True)


def _is_item_command(command: ast.ObjectCommand | Open, slot: int) -> bool:
    """Whether the command can be written out for the items of that variable, which are maps."""
    match command:
        case ast.Remove(path=path):
            return bool(keys_below(path, slot)) or is_variable(path, slot)
        case ast.Modify(path=path, value=value):
            return len(keys_below(path, slot)) == 1 and _scalar(constant(value))
        case _:
            return False


def _terms(selector: ast.Term) -> tuple[ast.Term, ...]:
    return selector.terms if isinstance(selector, ast.And) else (selector,)


def _scalar(value: Json) -> bool:
    """Whether `repr` gives a literal for it that needs no copy."""
    return value is None or isinstance(value, str | bool | int)


def _differs(command: ast.Modify, node: str, key: str, value: str) -> str:
    """Whether writing the value would change anything."""
    absent = f"{key!r} not in {node}"
    return absent if command.only_absent else f"{absent} or not same({node}[{key!r}], {value})"
