"""Rewrites a tree: names become slots or what was given for them, uses of definitions their commands.

Variables of a definition can't meet those of its caller: arguments are resolved where they are written, and each bind
has a slot of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import assert_never

from skel.language import ast, codes
from skel.language.builder_commands import FORMS, unknown_command
from skel.language.builder_special import target_test, time_test
from skel.language.constant import constant_text
from skel.language.diagnostic import Diagnostic, Edit, Fix, Label
from skel.language.nearest import nearest
from skel.language.scope import Binding, Given, Scope, Slot, Unknown
from skel.language.site import Misshapen
from skel.language.text import Span

# A definition may use others many times over: a program that grows beyond this many nodes was not meant to be run.
LARGEST = 200_000


class TooLarge(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Definition:
    """A definition with the names that its own file knows."""

    define: ast.Define
    home: Namespace


@dataclass(slots=True)
class Namespace:
    """What a file knows by name: definitions and parameters, its own and those that it imports."""

    file: str
    definitions: dict[str, Definition] = field(default_factory=dict)
    parameters: dict[str, Binding] = field(default_factory=dict)
    places: dict[str, Span] = field(default_factory=dict)


class Substitution:
    """One program's worth of rewriting. `found` holds each complaint once."""

    def __init__(self) -> None:
        self.slots = 0
        self.work = 0
        self.found: dict[tuple[str, Span, str], Diagnostic] = {}
        self.open: list[ast.Define] = []

    def report(self, diagnostic: Diagnostic) -> None:
        # The body of a definition is read once for each use.
        self.found.setdefault((diagnostic.code, diagnostic.span, diagnostic.message), diagnostic)

    def spend(self, work: int, span: Span) -> None:
        self.work += work
        if self.work > LARGEST:
            message = "with all definitions in their places the program is too large"
            self.report(codes.TOO_LARGE.at(span, message, f"it has more than {LARGEST} parts"))
            raise TooLarge

    # ---- commands ----------------------------------------------------------------------------------------------------

    def commands(self, commands: tuple[ast.Command, ...], scope: Scope, home: Namespace) -> tuple[ast.Command, ...]:
        return tuple(new for command in commands for new in self.command(command, scope.inner(), home))

    def command(self, command: ast.Command, scope: Scope, home: Namespace) -> Iterator[ast.Command]:
        """The command with its names replaced; none or several for the use of a definition."""
        self.spend(1, command.span)
        if isinstance(command, ast.Use):
            yield from self.use(command, scope, home)
            return
        if isinstance(command, ast.When):
            selector = self.term(command.selector, scope)
            yield replace(command, selector=selector, commands=self.commands(command.commands, scope, home))
            return
        yield self.simple(command, scope)

    def simple(self, command: ast.ObjectCommand | ast.TraceCommand, scope: Scope) -> ast.Command:
        if not isinstance(command, ast.Insert | ast.Shift | ast.Scale):
            command = replace(command, selector=self.term(command.selector, scope))
        match command:
            case ast.Delete() | ast.Deny() | ast.Drop() | ast.Shift() | ast.Scale():
                return command
            case ast.Remove():
                return replace(command, path=self.path(command.path, scope))
            case ast.Modify() | ast.Append() | ast.Merge():
                return replace(command, path=self.path(command.path, scope), value=self.value(command.value, scope))
            case ast.Rename():
                return replace(command, path=self.path(command.path, scope), name=self.text(command.name, scope))
            case ast.Transfer():
                return replace(
                    command, source=self.path(command.source, scope), target=self.path(command.target, scope)
                )
            case ast.Replace():
                pattern, new = self.text(command.pattern, scope), self.text(command.replacement, scope)
                return replace(command, path=self.path(command.path, scope), pattern=pattern, replacement=new)
            case ast.Rekey():
                old, new = self.text(command.old, scope), self.text(command.new, scope)
                return replace(command, path=self.path(command.path, scope), old=old, new=new)
            case ast.Require():
                return replace(command, condition=self.term(command.condition, scope.inner()))
            case ast.Insert():
                new_object = self.value(command.object, scope)
                assert isinstance(new_object, ast.MapValue)
                return replace(command, object=new_object)
            case ast.Clone():
                return replace(command, count=self.value(command.count, scope))
            case _:
                assert_never(command)

    def use(self, use: ast.Use, scope: Scope, home: Namespace) -> Iterator[ast.Command]:
        """The commands of the definition, with the arguments in their places."""
        definition = home.definitions.get(use.name)
        name = Span(use.span.source, use.span.start, use.span.start + len(use.name))
        arguments = [self.argument(value, scope) for value in use.arguments]
        if definition is None:
            near = nearest(use.name, (*home.definitions, *FORMS))
            self.report(unknown_command(use.name, name, near))
            return
        define = definition.define
        if define in self.open:
            trail = " -> ".join(f"`{step.name}`" for step in (*self.open[self.open.index(define) :], define))
            self.report(codes.RECURSION.at(name, f"`{use.name}` uses itself", "every program must end", notes=(trail,)))
            return
        if len(arguments) != len(define.parameters):
            self.report(_wrong_count(use, name, define))
            return
        inner = Scope(None, dict(definition.home.parameters) | dict(zip(define.parameters, arguments, strict=True)))
        self.open.append(define)
        yield from self.commands(define.commands, inner, definition.home)
        self.open.pop()

    def argument(self, value: ast.Value, scope: Scope) -> Binding:
        before = self.work
        if isinstance(value, ast.Path) and not value.steps and isinstance(value.root, ast.VariableRoot):
            found = scope.find(value.root.name)
            if isinstance(found, Unknown):
                return found
        resolved = self.value(value, scope)
        return Given(resolved, self.work - before)

    # ---- terms -------------------------------------------------------------------------------------------------------

    def term(self, term: ast.Term, scope: Scope) -> ast.Term:
        """The term with its names replaced. Variables that it binds are put into `scope`."""
        self.spend(1, term.span)
        match term:
            case ast.Everything() | ast.TimeTest() | ast.TargetTest():
                return term
            case ast.Compare():
                return self.compare(term, scope)
            case ast.Text() | ast.In():
                return replace(term, left=self.value(term.left, scope), right=self.value(term.right, scope))
            case ast.Exists() | ast.Known():
                return replace(term, path=self.path(term.path, scope))
            case ast.Bind():
                return self.bind(term, scope)
            case ast.And():
                return replace(term, terms=tuple(self.term(part, scope) for part in term.terms))
            case ast.Or():
                return replace(term, terms=tuple(self.term(p, scope.without_binds("under `||`")) for p in term.terms))
            case ast.Not():
                return replace(term, term=self.term(term.term, scope.without_binds("under `!`")))
            case _:
                assert_never(term)

    def compare(self, term: ast.Compare, scope: Scope) -> ast.Term:
        left, right = self.value(term.left, scope), self.value(term.right, scope)
        try:
            if isinstance(left, ast.TimeValue) and not self.is_open(term.right, scope):
                return time_test(term.operator, right, term.span)
            if isinstance(left, ast.Call) and left.function == "target" and not self.is_open(term.right, scope):
                component = left.arguments[0]
                assert isinstance(component, ast.Literal)
                return target_test(str(component.value), term.operator, right, term.span)
        except Misshapen as misshapen:
            self.report(replace(misshapen.diagnostic, span=term.right.span, fix=None))
        return replace(term, left=left, right=right)

    def is_open(self, value: ast.Value, scope: Scope) -> bool:
        """Whether the value is a parameter that nothing is known about, or no name at all."""
        if not isinstance(value, ast.Path) or not isinstance(value.root, ast.VariableRoot):
            return False
        return not isinstance(scope.find(value.root.name), Given | Slot)

    def bind(self, term: ast.Bind, scope: Scope) -> ast.Bind:
        name = term.variable.name
        if scope.no_bind:
            message = f"`${name}` can't be bound {scope.no_bind}"
            hint = "a variable is bound in the `&&` chain of a selector"
            self.report(codes.MISPLACED_BIND.at(term.span, message, hint))
        path = self.path(term.path, scope)
        slot = self.slots
        self.slots += 1
        scope.names[name] = Slot(slot)
        test = None
        if term.test is not None:
            test = self.term(term.test, scope.without_binds("in the test of another variable"))
        return replace(term, variable=ast.VariableRoot(name, slot), path=path, test=test)

    # ---- values ------------------------------------------------------------------------------------------------------

    def value(self, value: ast.Value, scope: Scope) -> ast.Value:
        self.spend(1, value.span)
        match value:
            case ast.Literal() | ast.Suffixed() | ast.TimeValue():
                return value
            case ast.ListValue():
                return replace(value, items=tuple(self.value(item, scope) for item in value.items))
            case ast.MapValue():
                return replace(value, entries=tuple((key, self.value(item, scope)) for key, item in value.entries))
            case ast.Call():
                return replace(value, arguments=tuple(self.value(argument, scope) for argument in value.arguments))
            case ast.Path():
                if not value.steps and isinstance(value.root, ast.VariableRoot):
                    given = scope.find(value.root.name)
                    if isinstance(given, Given):
                        self.spend(given.weight, value.span)
                        return given.value
                return self.path(value, scope)
            case _:
                assert_never(value)

    def text(self, value: ast.Value, scope: Scope) -> ast.Value:
        """A string that must be known before the run; functions of constants are computed now."""
        resolved = self.value(value, scope)
        text = constant_text(resolved)
        if text is not None:
            return resolved if isinstance(resolved, ast.Literal) else ast.Literal(text, value.span)
        if not _has_unknown(value, scope):
            message = "this must be known before the run"
            self.report(codes.NOT_CONSTANT.at(value.span, message, "a string must stand here"))
        return resolved

    # ---- paths -------------------------------------------------------------------------------------------------------

    def path(self, path: ast.Path, scope: Scope) -> ast.Path:
        """The path with its root and its named keys replaced."""
        self.spend(1 + len(path.steps), path.span)
        steps = tuple(self.step(step, scope) for step in path.steps)
        match path.root:
            case ast.VariableRoot(name=name):
                return self.from_variable(name, path, steps, scope)
            case ast.ItemRoot() if not scope.in_filter:
                message = "`@` is the item of a filter, and this is none"
                self.report(codes.ITEM_OUTSIDE.at(path.span, message, 'such as `[?(@.name == "web")]`'))
        return ast.Path(path.root, steps, path.span)

    def from_variable(self, name: str, path: ast.Path, steps: tuple[ast.Step, ...], scope: Scope) -> ast.Path:
        match scope.find(name):
            case Slot(number):
                return ast.Path(ast.VariableRoot(name, number), steps, path.span)
            case Given(value=ast.Path() as given, weight=weight):
                self.spend(weight, path.span)
                return ast.Path(given.root, given.steps + steps, path.span)
            case Given(value=value):
                labels = (Label(value.span, "given here"),)
                message = f"`${name}` stands for a value, not for a path"
                self.report(codes.PARAMETER_KIND.at(path.span, message, "a path must stand here", labels=labels))
            case Unknown():
                pass
            case None:
                self.report(_undefined(name, path.span, scope))
        return ast.Path(path.root, steps, path.span)

    def step(self, step: ast.Step, scope: Scope) -> ast.Step:
        match step:
            case ast.Filter():
                return replace(step, test=self.term(step.test, scope.of_filter()))
            case ast.NamedKey():
                return self.named_key(step, scope)
            case _:
                return step

    def named_key(self, step: ast.NamedKey, scope: Scope) -> ast.Step:
        binding = scope.find(step.variable)
        match binding:
            case Given(value=ast.Literal(value=int(number))) if not isinstance(number, bool):
                return ast.Index(number, step.span)
            case Given(value=value) if (text := constant_text(value)) is not None:
                return ast.Key(text, step.span, quoted=True)
            case Unknown():
                return step
            case None:
                span = Span(step.span.source, step.span.start + 1, step.span.end - 1)
                self.report(_undefined(step.variable, span, scope))
            case _:
                message = f"`${step.variable}` is no key"
                hint = "a key is given by a parameter that stands for a string"
                self.report(codes.PARAMETER_KIND.at(step.span, message, hint))
        return step


def _has_unknown(value: ast.Value, scope: Scope) -> bool:
    match value:
        case ast.Path(root=ast.VariableRoot(name=name)):
            return isinstance(scope.find(name), Unknown | None)
        case ast.Call():
            return any(_has_unknown(argument, scope) for argument in value.arguments)
        case _:
            return False


def _undefined(name: str, span: Span, scope: Scope) -> Diagnostic:
    end = min(span.end, span.start + 1 + len(name))
    place = Span(span.source, span.start, end)
    near = nearest(name, scope.visible())
    if near is None:
        return codes.UNDEFINED_VARIABLE.at(place, f"`${name}` is not defined here")
    fix = Fix(f"write `${near}`", (Edit(place, f"${near}"),))
    return codes.UNDEFINED_VARIABLE.at(place, f"`${name}` is not defined here", f"did you mean `${near}`?", fix=fix)


def _wrong_count(use: ast.Use, name: Span, define: ast.Define) -> Diagnostic:
    given, taken = len(use.arguments), len(define.parameters)
    message = f"`{use.name}` takes {taken} argument{'s' if taken != 1 else ''}, not {given}"
    shown = ", ".join(f"${parameter}" for parameter in define.parameters)
    labels = (Label(define.span, f"defined as `{define.name}({shown})`"),)
    return codes.ARGUMENT_COUNT.at(name, message, labels=labels)
