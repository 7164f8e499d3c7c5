"""How large the prompt for one function is, beside one that holds its whole file.

    python benchmarks/prompt_size.py CODEBASE... [--most N]

Every function of at least ten lines in the C files of each code base, N of each at most (60), drawn evenly. The
whole-file prompt is the same instructions with the file in the place of the function and what belongs to it.
"""

import argparse
import statistics
from collections.abc import Iterator
from pathlib import Path

from pesquared.core.proposal import ProposalRequest, Role, Stage
from pesquared.core.source import Definition, FunctionContext
from pesquared.llm.tokens import estimate_tokens, token_text
from pesquared.propose.prompt import render
from pesquared.source import DependencyExtractor
from pesquared.source.fragments import UnparsableFragment, split_fragment

SHORTEST = 10  # lines


def functions(codebase: Path) -> Iterator[tuple[Path, str]]:
    """File and name of every function that is long enough."""
    for path in sorted(codebase.rglob("*.c")):
        text = path.read_text(encoding="utf-8", errors="surrogateescape")
        pieces = split_fragment(text)
        for piece in () if isinstance(pieces, UnparsableFragment) else pieces:
            for one in piece.functions():
                if text.count("\n", one.code, one.end) >= SHORTEST:
                    yield path.relative_to(codebase), one.name


def tokens(context: FunctionContext) -> int:
    request = ProposalRequest(1, Stage.OPTIMIZE, Role.LEAF, context, ("main", context.definition.name), 0.5)
    return estimate_tokens(render(request).text)


def ratios(codebase: Path, most: int) -> list[tuple[float, int, int]]:
    """Share, tokens of our prompt, tokens of the whole file's."""
    extractor = DependencyExtractor.for_codebase(codebase)
    found = list(functions(codebase))
    shares = []
    for path, name in found[:: max(1, len(found) // most)]:
        definition = extractor.index.find(f"{path}:{name}")
        if not isinstance(definition, Definition):
            continue
        context = extractor.extract(definition)
        file = (codebase / path).read_text(encoding="utf-8", errors="surrogateescape")
        ours, whole = tokens(context), tokens(FunctionContext(definition, file))
        shares.append((ours / whole, ours, whole))
    return shares


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("codebases", type=Path, nargs="+")
    parser.add_argument("--most", type=int, default=60)
    asked = parser.parse_args()
    everything = []
    for codebase in asked.codebases:
        shares = ratios(codebase.resolve(), asked.most)
        everything += shares
        median = statistics.median(share for share, _, _ in shares)
        print(f"{codebase.name:16} {len(shares):4} functions, median {median:.0%} of the whole file's tokens")
    ours, whole = (statistics.median(one[place] for one in everything) for place in (1, 2))
    share = statistics.median(one[0] for one in everything)
    counted = "estimated" if token_text("x").startswith("about") else "counted"
    print(f"all: median {share:.0%}; {ours:.0f} tokens instead of {whole:.0f} in the median, {counted}")


if __name__ == "__main__":
    main()
