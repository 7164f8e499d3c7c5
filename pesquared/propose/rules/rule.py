"""What a rule is: it reads one function and rewrites it, or says why not."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

from pesquared.core.source import FunctionContext, SyntaxNode


@dataclass(frozen=True, slots=True)
class Rewrite:
    """A definition's new text, and what was done to it in one or two sentences."""

    text: bytes
    summary: str


class Rule(Protocol):
    """A rewrite that preserves behaviour wherever it applies. Must not depend on anything but the context."""

    name: str

    def apply(self, context: FunctionContext) -> Rewrite | str:
        """The rewrite, or why the rule does not match, as a clause that can follow the rule's name and a colon."""


class Refused(Exception):  # noqa: N818 - an answer, not a failure; it never leaves the rule that raised it
    """Raised inside a rule where it finds that it does not apply; the message says why."""


def walk(node: SyntaxNode) -> Iterator[SyntaxNode]:
    """The node and all below it, in source order."""
    stack = [node]
    while stack:
        node = stack.pop()
        yield node
        stack.extend(reversed(node.children))


def bare(node: SyntaxNode) -> SyntaxNode:
    """The expression inside its parentheses."""
    while node.kind == "paren" and len(node.children) == 1:
        node = node.children[0]
    return node
