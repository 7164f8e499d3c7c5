"""Finds the lambda that a symbol of the standard library stands for.

``std::_Function_handler<double (double), main::{lambda(double)#1}>::_M_invoke`` calls a lambda of ``main``.
Optimised builds inline the lambda there, so that this is the name under which its time shows. Algorithms that were
given a lambda, such as ``std::sort``, are not meant: most of their time is their own.
"""

from collections.abc import Sequence

MARKS = ("{lambda", "'lambda", "<lambda", "$_")

# What runs functions and threads in libstdc++ and libc++. The name of the last scope decides.
_RUNNERS = frozenset((
    "_M_invoke", "_M_run", "__invoke", "__invoke_impl", "__invoke_r",
    "__call_impl", "__call_func", "__thread_proxy", "__thread_execute", "__execute",
))  # fmt: skip


def wrapped_lambda(tokens: Sequence[str], partners: Sequence[int], runner: str) -> str:
    """The lambda's own symbol; "" if there is none in the template arguments, or ``runner`` runs none.

    Args:
        tokens: of the whole symbol, see ``demangled``.
        partners: for each bracket the index of the one it belongs to, -1 elsewhere.
        runner: the symbol's name without scopes.
    """
    if runner not in _RUNNERS:
        return ""
    for index in range(1, len(tokens)):
        if _is_mark(tokens, index) and (bounds := _argument(tokens, partners, index)):
            return "".join(tokens[slice(*bounds)]).strip(" *&").removesuffix(" const")
    return ""


def _is_mark(tokens: Sequence[str], index: int) -> bool:
    piece = tokens[index]
    return (piece == "lambda" and tokens[index - 1] in ("{", "<")) or piece.startswith(("'lambda", "$_"))


def _argument(tokens: Sequence[str], partners: Sequence[int], mark: int) -> tuple[int, int] | None:
    """The template argument that holds the mark, without what is wrapped around it; None if there is none."""
    start = mark - 1 if tokens[mark] == "lambda" else mark
    while start > 0 and tokens[start - 1] not in (",", "<", "(", "{"):
        start = partners[start - 1] if 0 <= partners[start - 1] < start else start - 1
    if start == 0 or tokens[start - 1] not in (",", "<"):
        return None
    end = start
    while end < len(tokens) and tokens[end] not in (",", ">"):
        end = max(end, partners[end]) + 1
    return start, end
