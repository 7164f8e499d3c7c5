"""Brings every cheat before the judge, in each tier of the sandbox that holds here, and prints what caught it.

What is accepted is not passed. Those of which docs/explanation/threats.md says which assumption they break are
marked and counted apart; any other that is accepted is a defect.

Usage: ``python benchmarks/cheats.py [TIER …]``; needs make and a C compiler. Takes some three minutes a tier.
"""

import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))  # the cheats are the tests'

from pesquared.errors import PesquaredError
from tests.support.cheats.court import Court, in_session
from tests.support.cheats.table import CHEATS, Cheat

TIERS = ("bubblewrap", "landlock", "podman")


def bring(court: Court, cheat: Cheat, words: Counter[str]) -> bool:
    """Prints a row; True if it was accepted."""
    verdict = court.verdict(cheat.files)
    words[f"{verdict.word}, {verdict.reason_code}"] += 1
    figure = "its own" if cheat.itself else "process"
    said = f"  (assumption: {cheat.excused})" if verdict.accepted and cheat.excused else ""
    said += "".join(f"  finding: {finding.topic}" for finding in verdict.findings if finding.concern)
    print(f"{court.tier:11} {figure:8} {cheat.name:64} {verdict.word:13} {verdict.reason_code}{said}", flush=True)
    return verdict.accepted


def main() -> None:
    tried, accepted, words = 0, list[Cheat](), Counter[str]()
    for tier in sys.argv[1:] or TIERS:
        for itself in (False, True):
            try:
                with in_session(itself=itself, tier=tier) as court:
                    brought = [cheat for cheat in CHEATS if cheat.itself == itself]
                    accepted += [cheat for cheat in brought if bring(court, cheat, words)]
                    tried += len(brought)
            except PesquaredError as error:
                print(f"{tier:11} {error.message.rpartition(': ')[2]}")
                break
    print("\n" + "\n".join(f"{count:4} {word}" for word, count in words.most_common()))
    known = [cheat.name for cheat in accepted if cheat.excused]
    defects = [cheat.name for cheat in accepted if not cheat.excused]
    print(f"\n{tried} tried, {len(accepted)} accepted (target 0)")
    print(f"breaking an assumption that is written down: {', '.join(known) or 'none'}")
    print(f"defects: {', '.join(defects) or 'none'}")
    sys.exit(1 if defects else 0)


if __name__ == "__main__":
    main()
