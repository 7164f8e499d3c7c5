"""A function as a whole: what it declares, what it assigns, and where else a variable is used."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from pesquared.core.source import FunctionContext, SyntaxNode
from pesquared.propose.rules.rule import Refused, bare, walk
from pesquared.propose.rules.scalars import is_arithmetic, may_share_memory

_LOOPS = frozenset({"for", "while", "do"})
_STORAGE = frozenset({"static", "extern", "thread_local", "_Thread_local", "__thread"})
_STEPS = frozenset({"++", "--"})


@dataclass(frozen=True, slots=True)
class Function:
    """Facts about one function definition, gathered once."""

    root: SyntaxNode
    parents: dict[int, SyntaxNode]  # by the identity of the child
    strict_aliasing: bool  # may objects of different types be taken to be different objects?
    plain_c: bool  # no references that let a variable change under another name
    declared: dict[str, SyntaxNode] = field(default_factory=dict)  # parameters and local variables by key
    assigned: frozenset[str] = frozenset()  # assigned after their declaration, anywhere in the function
    address_taken: frozenset[str] = frozenset()

    @classmethod
    def of(cls, context: FunctionContext, root: SyntaxNode) -> "Function":
        nodes = list(walk(root))
        return cls(
            root,
            {id(child): node for node in nodes for child in node.children},
            strict_aliasing="-fno-strict-aliasing" not in context.compile_flags,
            plain_c=context.definition.language == "c",
            declared={node.reference: node for node in nodes if node.kind in {"param", "variable"}},
            assigned=assigned_in(root),
            address_taken=frozenset(
                bare(node.children[0]).reference
                for node in nodes
                if node.kind == "unary" and node.operator in {"&", ""} and node.children
            ),
        )

    def is_parameter(self, name: SyntaxNode) -> bool:
        return name.reference in self.declared and self.declared[name.reference].kind == "param"

    def settle(self, value: SyntaxNode, stored: str, changed: frozenset[str], what: str) -> None:
        """Makes sure that an expression has one value throughout a nest.

        Args:
            value: the expression.
            stored: the type of the array elements that the nest writes.
            changed: keys of the variables that the nest assigns.
            what: how to call it in the reason, "bound" for example.

        Raises:
            Refused: it may change.
        """
        for node in walk(value):
            if node.kind not in {"name", "member", "subscript"}:
                continue
            if node.reference in changed:
                raise Refused(f"the {what} `{value.text}` depends on `{node.text}`, which changes inside the nest")
            if not self._is_private(node) and self.may_overlap(node.type, stored):
                raise Refused(f"the {what} `{value.text}` may change inside the nest")

    def may_overlap(self, one: str, other: str) -> bool:
        """May a store as ``other`` change an object read as ``one``? Judged by types alone."""
        if "*" in one and self.strict_aliasing and is_arithmetic(other):
            return may_share_memory("pointer", other)
        return not self.strict_aliasing or may_share_memory(one, other)

    def _is_private(self, node: SyntaxNode) -> bool:
        """Is it a local that no pointer or reference can reach, or a constant?"""
        if node.kind != "name" or not self.plain_c:
            return False
        if node.reference not in self.declared:
            return node.type.startswith("const ") and "*" not in node.type
        return node.reference not in self.address_taken

    def ancestors(self, inner: SyntaxNode) -> tuple[SyntaxNode, ...]:
        """From the function down to the parent of ``inner``."""
        path = []
        while id(inner) in self.parents:
            inner = self.parents[id(inner)]
            path.append(inner)
        return tuple(reversed(path))

    def uses_outside(self, variable: str, nest: SyntaxNode) -> Iterator[SyntaxNode]:
        """The places outside ``nest`` where the variable is named, its declaration not counted."""
        for node in walk(self.root):
            outside = node.end <= nest.start or node.start >= nest.end
            if node.kind == "name" and node.reference == variable and outside:
                yield node

    def dies_in(self, nest: SyntaxNode, variable: str, name: str) -> None:
        """Makes sure that nobody reads the variable's value after the nest.

        Harmless are uses in a ``for`` that sets the variable itself first, and uses that are over before the nest.
        (Where the language has references, one of those may give the variable a second name: none is harmless.)

        Raises:
            Refused: it may be read.
        """
        declaration = self.declared.get(variable)
        words = set() if declaration is None else set(self.parents[id(declaration)].text.split())
        if declaration is None or declaration.type.endswith("&") or not _STORAGE.isdisjoint(words):
            raise Refused(f"`{name}` is not a variable of this call alone")
        if variable in self.address_taken:
            raise Refused(f"the address of `{name}` is taken")
        around = self.ancestors(nest)
        jumps = any(node.kind in {"goto", "label"} for node in walk(self.root))
        repeated = jumps or any(node.kind in _LOOPS for node in around)
        for use in self.uses_outside(variable, nest):
            over = use.end <= nest.start and not repeated and self.plain_c
            if not over and (jumps or not self.plain_c or not self._set_by_loop(use, variable, around)):
                raise Refused(f"`{name}` may be used after the nest")

    def _set_by_loop(self, use: SyntaxNode, variable: str, around: tuple[SyntaxNode, ...]) -> bool:
        """Does a loop that the nest is not in (it is in ``around``) set the variable before this use?"""
        for node in self.ancestors(use):
            if node.kind != "for" or node.children[0].kind != "assign" or node.children[0].operator != "=":
                continue
            if any(node is outer for outer in around):
                continue
            target, value = node.children[0].children
            if bare(target).reference == variable and all(part.reference != variable for part in walk(value)):
                return True
        return False


def assigned_in(root: SyntaxNode) -> frozenset[str]:
    """Keys of the variables that are assigned or stepped below ``root``, or set where a ``for`` declares them."""
    changed = set()
    for node in walk(root):
        if node.kind == "assign" or (node.kind == "unary" and node.operator in _STEPS):
            changed.add(bare(node.children[0]).reference)
        if node.kind == "for" and node.children[0].kind == "declaration":
            changed.update(variable.reference for variable in node.children[0].children)
    return frozenset(changed - {""})
