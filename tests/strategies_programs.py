"""Program texts: every construct of the language, on paths that the objects of `strategies.py` have.

A program is written as a person would write it, as text, so that parser and checker take part in every law.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from hypothesis import strategies as st

T = TypeVar("T")

PLAIN_PATHS = (
    "kind",
    "apiVersion",
    "metadata",
    "metadata.name",
    "metadata.namespace",
    "metadata.labels",
    "metadata.labels.app",
    'metadata.labels."simkube.dev/foo"',
    "metadata.annotations.app",
    "status",
    "spec",
    "spec.replicas",
    "spec.paused",
    "spec.schedule",
    "spec.a",
    "spec.b",
    "spec.a.b",
    "spec.l",
    "spec.l[0]",
    "spec.l[-1]",
    "spec.l[*]",
    "spec.l.0",
    "spec.m",
    "spec.m.*",
    "spec.m.a",
    'spec.m["a/b"]',
    'spec.m."x~y"',
    'spec.m."dotted.key"',
    'spec.m."é"',
    "spec.containers[*].name",
    "spec.template.spec.containers",
    "spec.template.spec.containers[*]",
    "spec.template.spec.containers[0]",
    "spec.template.spec.containers[*].image",
    "spec.template.spec.containers[*].env[*].value",
    "spec.template.spec.containers[*].resources.requests.cpu",
    "spec.template.spec.volumes[*].name",
    "spec.template.spec.tolerations[*].tolerationSeconds",
    "podSpec",
    "podSpec.containers",
    "podSpec.containers[*]",
    "podSpec.containers[*].env",
    "podSpec.containers[*].name",
    "podSpec.nodeSelector",
    "podSpec.terminationGracePeriodSeconds",
    "podTemplate.metadata.labels",
    "**.name",
    "**.image",
    "**.containers[*]",
    "spec.**.name",
    "spec.l.**",
    "extra",
)
SURE_PATHS = (
    "metadata.name",
    "metadata.labels",
    "metadata.labels.app",
    "metadata.labels.*",
    "kind",
    "spec.l",
    "spec.l[0]",
    "spec.l[-1]",
    "spec.l[*]",
    "spec.l.**",
    "spec.m",
    "spec.m.*",
    "spec.template.spec.containers[*]",
    "spec.template.spec.containers[0].env[*].name",
    "podSpec.containers[*]",
    "podSpec.containers[*].name",
    "podSpec.containers[*].image",
    "podSpec.containers[*].env[*]",
    "**.name",
    "**.env",
    "**.containers[*]",
)
STEPS = (
    ".a", ".b", ".name", ".image", ".env", ".value", ".labels", ".0", '."a/b"', '."x~y"', '["dotted.key"]', '."0"',
    "[0]", "[1]", "[-1]", "[*]", ".*", ".**", ".containers[*]", ".cpu",
)  # fmt: skip
MADE_STEPS = (".a", ".b", ".name", ".new.deep", '."a/b"', '."x~y"', "[0]", "[1]", "[2]", "[-1]", ".0", ".l[0].a")
STRINGS = ("", "1", "a", "b", "web", "nginx", "Pod", "Deployment", "Job", "500m", "é", "A b", "a/b", "v1", "héllo")
REGEXES = ("a", "^a", "[a-z]+", "(.)(.)", "nginx(:.*)?$", "", "é|b", "x*", "^$", r"\d+")
TEMPLATES = ("", "b", "$1$0", "$$", "x$2y", "$9", "é")
SCALARS = (
    "0",
    "1",
    "1.0",
    "-1",
    "1.5",
    "2",
    "30",
    "true",
    "false",
    "null",
    "[]",
    "{}",
    '["a", 1]',
    '{"a": 1, "b": null}',
)
HEADER_TESTS = (
    'kind == "Deployment"', 'kind == "Pod"', 'apiVersion == "apps/v1"', 'kind in ["Pod", "Job"]', 'kind != "Pod"',
    'kind == "CronJob" && apiVersion == "batch/v1beta1"', 'kind =~ "^J"', '(kind == "Pod" || kind == "Fleet")',
    '!(kind == "Service")', "exists(spec)", "*",
)  # fmt: skip
MOMENTS = ("1000", "1030", "0s", "30s", "10m", "1h")
ORDERS = ("==", "!=", "!==", "<", "<=", ">", ">=")


def quoted(text: str) -> str:
    """In double quotes a backslash stands for itself."""
    return f'"{text}"'


class Author:
    """Writes one program, remembering which variables can be named where it stands."""

    def __init__(self, choose: Callable[[int], int]) -> None:
        """`choose(n)` gives a number below n: hypothesis gives it, or plain chance."""
        self.choose = choose
        self.bound: list[str] = []
        self.count = 0
        self.in_filter = False

    def pick(self, choices: Sequence[T]) -> T:
        return choices[self.choose(len(choices))]

    def chance(self, one_in: int) -> bool:
        return self.choose(one_in) == one_in - 1

    # ---- paths and values --------------------------------------------------------------------------------------------

    def path(self, *, steps: Sequence[str] = STEPS) -> str:
        if self.in_filter and self.chance(2):
            base = "@"
        elif self.bound and not self.chance(3):
            base = self.pick(self.bound)
        else:
            base = self.pick(PLAIN_PATHS if self.chance(3) else SURE_PATHS)
        for _ in range(self.pick((0, 0, 0, 0, 0, 1, 1, 2))):
            base += self.filter() if self.chance(12) and not self.in_filter else self.pick(steps)
        return base

    def target(self) -> str:
        """A path to write to: what is missing behind its last fan can be made."""
        return self.path(steps=MADE_STEPS)

    def filter(self) -> str:
        self.in_filter = True
        test = self.term(1)
        self.in_filter = False
        return f"[?({test})]"

    def literal(self) -> str:
        return quoted(self.pick(STRINGS)) if self.chance(2) else self.pick(SCALARS)

    def value(self) -> str:
        forms: tuple[Callable[[], str], ...] = (
            self.literal,
            self.literal,
            self.literal,
            self.path,
            self.path,
            self.call,
            lambda: f"[{self.literal()}, {self.path()}]",
            lambda: f'{{"a": {self.path()}, "b/c": {self.literal()}}}',
        )
        return self.pick(forms)()

    def call(self) -> str:
        path, word, other = self.path(), quoted(self.pick(STRINGS)), self.path()
        forms = (
            f"lower({path})",
            f"upper(trim({path}))",
            f"concat({path}, {word}, {other})",
            f"length(split({path}, {quoted(self.pick(('a', '/', 'é')))}))",
            f"join({path}, {word})",
            f"length({path})",
            f"keys({path})",
            f"replace({path}, {quoted(self.pick(REGEXES[:4]))}, {quoted(self.pick(TEMPLATES))})",
            f'format("{{}}-{{{{}}}}{{}}", {path}, {other})',
            f"hash({path})",
            f'pseudonym({path}, "name")',
            f"image({path}).{self.pick(('registry', 'repository', 'name', 'tag', 'digest'))}",
        )
        return self.pick(forms)

    # ---- selectors ---------------------------------------------------------------------------------------------------

    def compare(self) -> str:
        left = self.call() if self.chance(6) else self.path()
        right = self.pick((self.literal, self.literal, self.path, self.call))()
        return f"{left} {self.pick(ORDERS)} {right}"

    def measure(self) -> str:
        function, limit = self.pick(
            (("quantity", "500m"), ("quantity", "1"), ("duration", "30s"), ("version", '"v1.25"'), ("quantity", "2Gi"))
        )
        right = f"{function}({self.path()})" if self.chance(3) else limit
        return f"{function}({self.path()}) {self.pick(ORDERS)} {right}"

    def text_test(self) -> str:
        if self.chance(2):
            return f"{self.path()} =~ {quoted(self.pick(REGEXES[:6]))}"
        return f"{self.path()} {self.pick(('startswith', 'endswith', 'contains'))} {quoted(self.pick(STRINGS))}"

    def membership(self) -> str:
        if self.bound and self.chance(4):
            return f"{self.path()} in {self.pick(self.bound)}"
        return f"{self.path()} in [{self.literal()}, {quoted(self.pick(STRINGS))}]"

    def exists(self) -> str:
        return f"{'!' if self.chance(3) else ''}exists({self.path()})"

    def known(self) -> str:
        kind = quoted(self.pick(("Pod", "Deployment", "Service")))
        return f"known({kind}, {self.pick(('metadata.name', self.path()))})"

    def moment(self) -> str:
        return f"@t {self.pick(ORDERS)} {self.pick(MOMENTS)}"

    def target_test(self) -> str:
        component = quoted(self.pick(("kubernetes", "istio")))
        return f"target({component}) {self.pick(ORDERS)} {self.pick(('1.25', '1.3', '1.30'))}"

    def term(self, depth: int = 2) -> str:
        forms: list[Callable[[], str]] = [
            self.compare, self.compare, self.exists, self.exists, self.known, self.text_test, self.membership,
            self.measure,
        ]  # fmt: skip
        if not self.in_filter:
            forms += [lambda: self.pick(HEADER_TESTS[:-1]), self.moment, self.target_test]
        if depth:
            forms += [
                lambda: f"!({self.term(depth - 1)})",
                lambda: f"({self.term(depth - 1)} || {self.term(depth - 1)})",
                lambda: f"({self.term(depth - 1)} && {self.term(depth - 1)})",
            ]
        return self.pick(forms)()

    def bind(self) -> str:
        self.count += 1
        name = f"$x{self.count if self.chance(2) else ''}"
        if name in self.bound:
            name = f"$y{self.count}"
        path = self.path()
        if self.chance(4):
            self.bound.append(name)
            return f"{name} := {path}"
        self.bound.append(name)
        outside, self.bound = self.bound, [name]
        tests: tuple[Callable[[], str], ...] = (self.exists, self.compare, self.text_test)
        test = self.pick(tests)()
        self.bound = outside
        if name not in test or self.chance(3):
            test = self.pick((f"exists({name})", f"{name} != {self.literal()}", f'{name}.name !== "b"'))
        return f"{name} := {path} | {test}"

    def selector(self) -> str:
        """Mostly one that something passes: few terms, and a test of the header only now and then."""
        terms = [self.pick(HEADER_TESTS[:-1])] if self.chance(5) else []
        count = self.pick((0, 0, 0, 1, 1, 2))
        terms += [self.term() if self.chance(3) else self.bind() for _ in range(count)]
        return " && ".join(terms) or "*"

    # ---- commands ----------------------------------------------------------------------------------------------------

    def command(self, depth: int = 1) -> str:
        before = list(self.bound)
        selector = self.selector()
        forms: list[Callable[[], str]] = [
            lambda: f"delete({selector});",
            lambda: f"remove({selector}, {self.path()});",
            lambda: f"remove({selector}, {self.path()});",
            lambda: f"modify({selector}, {self.target()} = {self.value()});",
            lambda: f"modify({selector}, {self.target()} = {self.value()});",
            lambda: f"default({selector}, {self.target()} = {self.value()});",
            lambda: f"append({selector}, {self.target()}, {self.value()});",
            lambda: f"merge({selector}, {self.target()}, {self.patch()});",
            lambda: f"rename({selector}, {self.key_path()}, {quoted(self.pick(STRINGS[2:]))});",
            lambda: f"move({selector}, {self.path()}, {self.target()});",
            lambda: f"copy({selector}, {self.path()}, {self.target()});",
            lambda: (
                f"replace({selector}, {self.path()}, {quoted(self.pick(REGEXES[:7]))}, {quoted(self.pick(TEMPLATES))});"
            ),
            lambda: f"rekey({selector}, {self.path()}, {quoted(self.pick(('app', 'a', 'a/b')))}, {quoted('b')});",
            lambda: f'require({selector}, {self.term()}, "required");',
            lambda: f'deny({selector}, "denied");',
        ]
        if depth:
            forms += [lambda: self.when(selector, depth - 1)] * 4
        text = self.pick(forms)()
        self.bound = before
        return text

    def patch(self) -> str:
        return f'{{"a": {self.value()}, "app": null, "b": {{"a": {self.literal()}, "n": null}}}}'

    def key_path(self) -> str:
        return self.path() + self.pick((".a", ".name", '."a/b"', ".app"))

    def when(self, selector: str, depth: int) -> str:
        inner = "\n    ".join(self.command(depth) for _ in range(self.pick((1, 2, 3))))
        return f"when {selector} {{\n    {inner}\n}}"

    def trace_command(self) -> str:
        return self.pick(
            (
                f'insert({self.pick(MOMENTS)}, {{"apiVersion": "v1", "kind": "Pod", "metadata": {{"name": "new"}}}});',
                f"drop(@t {self.pick(ORDERS)} {self.pick(MOMENTS)});",
                f"shift({self.pick(('10m', '1s', '1h'))});",
                f"scale({self.pick(('2.0', '0.5', '1'))});",
                f"clone({self.pick(HEADER_TESTS)}, {self.pick(('1', '2'))});",
            )
        )

    def statement(self, *, on_trace: bool) -> str:
        if on_trace and self.chance(5):
            return self.trace_command()
        if self.chance(5):
            body = "\n    ".join(self.command() for _ in range(self.pick((1, 2))))
            number = self.choose(1_000_000)
            return f'rule "r{number}" {{\n    title "t";\n    {body}\n}}'
        return self.command()


def write_program(choose: Callable[[int], int], *, on_trace: bool = False, max_statements: int = 4) -> str:
    """The text of a program; with `on_trace` also commands that change the trace itself."""
    author = Author(choose)
    count = 1 + choose(max_statements)
    return "\n".join(author.statement(on_trace=on_trace) for _ in range(count)) + "\n"


@st.composite
def programs(draw: st.DrawFn, *, on_trace: bool = False, max_statements: int = 4) -> str:
    """A program, as `write_program` writes it, that shrinks. The checker may object to it."""
    return write_program(
        lambda below: draw(st.integers(0, below - 1)), on_trace=on_trace, max_statements=max_statements
    )


ITEMS = (
    "spec.l[*]",
    "spec.m.*",
    "spec.l[*].*",
    "spec.l.**",
    "spec.**",
    "spec.l[-1]",
    "spec.m.a",
    "podSpec.containers[*]",
)
MOVES = (
    "remove(spec.l[0]);",
    "remove(spec.l[-1]);",
    "remove(spec.m.a);",
    "move(spec.l[0], spec.z);",
    "move(spec.l[0], spec.l[1]);",
    "move(spec.l[1], spec.l[0].a);",
    "move(spec.l[0], spec.m.b);",
    "move(spec.l[0], spec.l[7]);",
    "move(spec.m.a, metadata.name[3]);",
    "move(spec.a, spec.b);",
    'rename(spec.m.a, "b");',
    'rekey(spec.m, "a", "web");',
    'rekey(spec.**, "a", "b");',
    "modify(spec.l[0] = spec.l[1]);",
    "modify(spec.m.b = spec.m.a);",
    'modify(spec.l = [1, {"a": 2}]);',
    'modify(spec.m = {"a": {"a": 1}});',
    'merge(spec.m, {"a": null, "b": {"a": null, "c": 1}});',
    "append(spec.l, spec.l[0]);",
    "default(spec.l[0].a = 1);",
    "copy(spec.l[0], spec.l[1]);",
)  # fmt: skip
USES = (
    "remove($x);", "remove($x.a);", "modify($x = 1);", "modify($x.a = 1);", "append($x, 1);", "append($x.l, $x.a);",
    "modify($x.n = length($x));", "copy($x.a, $x.b);", "move($x.a, $x.b);", "move($x, spec.z);", 'rename($x.a, "q");',
    'merge($x, {"k": $x.a});', "default($x.a.b = $x.c);", "modify(exists($x.a), spec.seen = true);",
    'rekey($x, "a", "b");',
    'modify($y := $x.* | $y != 1, $y = "s");', "move($x.a, spec.m);", "copy(spec.l[0], $x.a);",
    'replace($x, "a", "b$0");',
    "move($x[0], $x[1]);", "move($x.b, $x.a.c);", "remove($x.**.a);", 'deny(exists($x), "still there");',
)  # fmt: skip


def write_block(choose: Callable[[int], int]) -> str:
    """A `when` whose variable must follow its items while they move, vanish and change."""
    commands = [(USES if choose(2) else MOVES) for _ in range(2 + choose(4))]
    body = "\n    ".join(pool[choose(len(pool))] for pool in commands)
    test = ("", "", " | exists($x.a)", " | $x != 1", ' | $x.name !== "b"')[choose(5)]
    return f"when $x := {ITEMS[choose(len(ITEMS))]}{test} {{\n    {body}\n}}\n"
