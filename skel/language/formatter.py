"""One style for programs, without options: four blanks, a hundred columns, long selectors broken before `&&`.

Works on the tree of the grammar, so the spelling of literals and all parentheses stay as they are, and so does the
meaning.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator

from skel.language.diagnostic import SkelError
from skel.language.layout import WIDTH, Doc, Group, Line, Nest, Remark, flat_width, group, has_remark, print_doc
from skel.language.syntax import Syntax, parse_syntax
from skel.language.text import Source, Span
from skel.language.tree import Node, Part, Token, is_node

# A comment inside a statement may move to the end of its line, and then decide about the next one.
MOST_PASSES = 10


def format_source(source: Source) -> str:
    """The program in the one style. Raises SkelError if it has errors of syntax."""
    syntax = parse_syntax(source)
    if syntax.diagnostics:
        raise SkelError(syntax.diagnostics)
    formatter = _Formatter(syntax)
    text = formatter.text()
    for _ in range(MOST_PASSES):
        if not formatter.has_moved:
            break
        before = text
        formatter = _Formatter(parse_syntax(Source(source.name, before)))
        text = formatter.text()
        if text == before:
            break
    return text


class _Formatter:
    def __init__(self, syntax: Syntax) -> None:
        self.source = syntax.source
        self.root = syntax.root
        self.comments = syntax.comments
        self.starts = [comment.start for comment in syntax.comments]
        # Remarks of the statement at hand, by the start of the token that they stand before or behind.
        self.before: dict[int, list[Doc]] = {}
        self.behind: dict[int, list[Doc]] = {}
        self.has_moved = False

    def text(self) -> str:
        lines = self.body(self.root.nodes(), 0, len(self.source.text), 0)
        return "".join(f"{line}\n" for line in lines)

    # ---- lines -------------------------------------------------------------------------------------------------------

    def body(self, statements: list[Node], start: int, end: int, indent: int) -> list[str]:
        """The lines of some statements and of the comments around them."""
        lines: list[str] = []
        last = start
        for item in self.items(statements, start, end):
            gap = self.source.text[last : item.start]
            if isinstance(item, Span) and lines and "\n" not in gap:
                lines[-1] += f" {_comment(item)}"
            else:
                if lines and gap.count("\n") > 1:
                    lines.append("")
                text = _comment(item) if isinstance(item, Span) else self.statement(item, indent)
                lines.append(" " * indent + text)
            last = item.end
        return lines

    def items(self, statements: list[Node], start: int, end: int) -> Iterator[Node | Span]:
        """Statements and the comments between them, in order."""
        at = start
        for statement in statements:
            yield from self.comments_in(at, statement.start)
            yield statement
            at = statement.end
        yield from self.comments_in(at, end)

    def comments_in(self, start: int, end: int) -> tuple[Span, ...]:
        return self.comments[bisect_right(self.starts, start - 1) : bisect_right(self.starts, end - 1)]

    # ---- statements --------------------------------------------------------------------------------------------------

    def statement(self, node: Node, indent: int) -> str:
        block = node.parts[-1] if node.parts else node
        if not isinstance(block, Node) or block.name != "block":
            left = self.assign_remarks(node, node.end)
            return print_doc([self.simple(node), *left], indent)
        left = self.assign_remarks(node, block.start)
        head = print_doc([self.head(node), " {"], indent)
        inside = self.comments_in(block.start, block.end)
        first = inside[0] if inside and "\n" not in self.source.text[block.start : inside[0].start] else None
        is_behind_brace = first is not None and not any(child.start < first.start for child in block.nodes())
        lines = self.body(
            block.nodes(), first.end if first and is_behind_brace else block.start + 1, block.end, indent + 4
        )
        remarks = [remark.text for remark in left]
        if first is not None and is_behind_brace:
            remarks.append(_comment(first))
        if not lines and not remarks:
            return f"{head}}}"
        return "\n".join([" ".join([head, *remarks]), *lines, f"{' ' * indent}}}"])

    def simple(self, node: Node) -> Doc:
        match node.name:
            case "command":
                return [self.token(node.parts[0]), self.arguments(node.parts[1]), ";"]
            case "metadata" | "import":
                return [self.token(node.parts[0]), " ", self.token(node.parts[1]), ";"]
            case "param" if len(node.parts) == 2:
                return [self.token(node.parts[0]), " ", self.token(node.parts[1]), ";"]
            case "param":
                name = [self.token(node.parts[0]), " ", self.token(node.parts[1])]
                return [*name, " = ", self.doc(node.parts[2]), ";"]
            case _:
                return ";"

    def head(self, node: Node) -> Doc:
        keyword, first = self.token(node.parts[0]), node.parts[1]
        if node.name == "define":
            parameters = node.parts[2]
            assert isinstance(parameters, Node)
            return [keyword, " ", self.token(first), self.arguments(parameters)]
        return [keyword, " ", group(Nest(self.doc(first)))]

    # ---- comments inside a statement ---------------------------------------------------------------------------------

    def assign_remarks(self, node: Node, end: int) -> list[Remark]:
        """Give each comment before `end` to a token. What follows the last one is returned."""
        self.before, self.behind = {}, {}
        found = self.comments_in(node.start, end)
        if not found:
            return []
        self.has_moved = True
        tokens = [token for token in _tokens(node) if token.start < end]
        starts = [token.start for token in tokens]
        left: list[Remark] = []
        for comment in found:
            number = bisect_right(starts, comment.start)
            remark = Remark(_comment(comment))
            if number == len(tokens):
                left.append(remark)
            elif "\n" in self.source.text[tokens[number - 1].end : comment.start]:
                self.before.setdefault(starts[number], []).append(remark)
            else:
                self.behind.setdefault(starts[number - 1], []).append(remark)
        return left

    def token(self, part: Part) -> Doc:
        assert isinstance(part, Token)
        before, behind = self.before.get(part.start), self.behind.get(part.start)
        if before is None and behind is None:
            return part.text
        return [*(before or []), part.text, *(behind or [])]

    # ---- expressions -------------------------------------------------------------------------------------------------

    def doc(self, part: Part) -> Doc:
        if isinstance(part, Token):
            return self.token(part)
        match part.name:
            case "disjunction":
                return self.joined(part, "|| ")
            case "conjunction":
                return self.joined(part, "&& ")
            case "negation":
                return ["!", self.doc(part.parts[0])]
            case "bind":
                return self.bind(part)
            case "comparison":
                return [
                    [" ", self.doc(inner)] if number else self.doc(inner) for number, inner in enumerate(part.parts)
                ]
            case "assignment":
                return [self.doc(part.parts[0]), " = ", self.doc(part.parts[1])]
            case "access":
                return [self.doc(inner) for inner in part.parts]
            case "group":
                return ["(", Nest(self.doc(part.parts[0])), ")"]
            case "call":
                return [self.token(part.parts[0]), self.arguments(part.parts[1])]
            case "list":
                return self.enclosed("[", part, "]")
            case "map":
                return self.enclosed("{", part, "}")
            case "entry":
                return [self.token(part.parts[0]), ": ", self.doc(part.parts[1])]
            case _:
                return self.step(part)

    def step(self, node: Node) -> Doc:
        if node.name == "filter":
            return ["[?(", Nest(self.doc(node.parts[0])), ")]"]
        inner = [self.doc(part) for part in node.parts]
        return inner if node.name == "quoted" else ["[", *inner, "]"]

    def arguments(self, part: Part) -> Doc:
        """Arguments follow their bracket; those behind the first have a line of their own if not all fit into one."""
        assert isinstance(part, Node)
        docs = [self.doc(inner) for inner in part.parts]
        if docs and _ends_with_brackets(part.parts[-1]):
            first = [piece for doc in docs[:-1] for piece in (doc, ", ")]
            if not has_remark(first) and flat_width(first) <= WIDTH // 2:
                # A map or list at the end opens on the same line: `insert(5m, {`.
                return ["(", *first, docs[-1], ")"]
        return ["(", group(Nest(_separated(docs))), ")"]

    def enclosed(self, opening: str, node: Node, closing: str) -> Doc:
        if not node.parts:
            return opening + closing
        inner = _separated([self.doc(part) for part in node.parts])
        return group([opening, Nest([Line(""), inner]), Line(""), closing])

    def joined(self, node: Node, sign: str) -> Group:
        docs: list[Doc] = []
        for part in node.parts:
            docs += [Line(), sign] if docs else []
            docs.append(self.doc(part))
        return group(docs)

    def bind(self, node: Node) -> Doc:
        name, path, *test = node.parts
        head: Doc = [self.doc(name), " := ", self.doc(path)]
        if not test:
            return head
        return group([head, Nest([Line(), "| ", self.doc(test[0])])])


def _separated(docs: list[Doc]) -> Doc:
    parts: list[Doc] = []
    for doc in docs:
        parts += [",", Line(), doc] if parts else [doc]
    return parts


def _ends_with_brackets(part: Part) -> bool:
    if is_node(part, "assignment") and isinstance(part, Node):
        return is_node(part.parts[1], "list", "map")
    return is_node(part, "list", "map")


def _comment(span: Span) -> str:
    return span.text.rstrip()


def _tokens(node: Node) -> Iterator[Token]:
    for part in node.parts:
        if isinstance(part, Token):
            yield part
        elif part.name != "block":
            yield from _tokens(part)
