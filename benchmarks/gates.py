"""Prints how many small faults in the examples' hot functions their gates notice: what ``pesquared gates`` finds.

Usage: ``python benchmarks/gates.py [MUTANTS] [EXAMPLE …]``; 1000 mutants, that is all there are, unless said
otherwise. Each example says in its pesquared.toml how it is tested and timed. Survivors that are believed to do
the same as the original on every input stand below with the reason; the second share leaves them out.
"""

import json
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from pesquared.cli.main import run

EXAMPLES = Path(__file__).parents[1] / "examples"
ALL = 1000

# example → what a survivor's line became → why no input tells it from the original
EQUIVALENT = {
    "matrix": {
        "matrix_multiply(n, p, out, longer);": "powers of one matrix commute, but for rounding",
    },
    "tally": {
        "const std::size_t end = std::min(text.size(), text.find('\\n'));": "the minimum of the same two numbers",
        "text.remove_prefix(std::min(text.size(), end + 1));": "the minimum of the same two numbers",
    },
}


def copied(example: str, scratch: Path) -> Path:
    """The example as a git repository of its own."""
    folder = scratch / example
    shutil.copytree(EXAMPLES / example, folder, ignore=shutil.ignore_patterns("build"))
    name = (
        "-c",
        "user.name=benchmark",
        "-c",
        "user.email=benchmark@example.invalid",
        "-c",
        "commit.gpgSign=false",
    )
    for command in (("init", "-q"), ("add", "-A"), (*name, "commit", "-q", "-m", example)):
        subprocess.run(("git", *command), cwd=folder, check=True)
    return folder


def strength(example: str, mutants: int) -> dict[str, list[dict[str, str]]]:
    """The document of ``pesquared gates`` for an example."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = copied(example, Path(scratch))
        out = Path(scratch, "strength.json")
        command = ["gates", str(folder), str(folder / "stacks"), "--mutants", str(mutants), "--json", str(out)]
        code = run(command)
        if code != 0:
            sys.exit(code)
        document: dict[str, list[dict[str, str]]] = json.loads(out.read_text(encoding="utf-8"))
        return document


def main() -> None:
    numbers = [int(word) for word in sys.argv[1:] if word.isdigit()]
    named = [word for word in sys.argv[1:] if not word.isdigit()]
    examples = named or sorted(path.parent.name for path in EXAMPLES.glob("*/pesquared.toml"))
    rows, survivors = [], []
    for example in examples:
        document = strength(example, numbers[0] if numbers else ALL)
        fates = Counter(one["fate"] for one in document["mutants"])
        left = [one for one in document["mutants"] if one["fate"] == "survived"]
        excused = [one for one in left if one["after"] in EQUIVALENT.get(example, {})]
        rejected = sum(1 for one in document["harmless"] if one["fate"] == "killed")
        killed, counted = fates["killed"], fates["killed"] + fates["survived"]
        shares = f"{killed / counted:7.1%} {killed / (counted - len(excused)):9.1%}"
        uncounted = f"{fates['stillborn']:9} {fates['equivalent']:13}"
        rows.append(
            f"{example:10} {sum(fates.values()):7} {uncounted} {counted:7} {killed:6} {shares} {rejected:8}"
        )
        for one in left:
            reason = EQUIVALENT.get(example, {}).get(one["after"], "")
            told = f"believed to do the same: {reason}" if reason else one["advice"]
            survivors.append(f"{example} {one['file']}:{one['line']} {one['kind']}: {one['after']}\n    {told}")
    print()
    print("example    mutants  no build  same program counted killed   share  believed rejected")
    print("\n".join(rows))
    print("\nSurvivors:" if survivors else "\nNo survivors.")
    print("\n".join(survivors))


if __name__ == "__main__":
    main()
