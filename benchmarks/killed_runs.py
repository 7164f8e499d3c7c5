"""Kills runs at random moments, over every shape of a dirty checkout, and compares the checkout afterwards.

Usage: ``python benchmarks/killed_runs.py [KILLS]``. Prints how many checkouts were changed by a byte, a mode, a
time or an inode, how many repositories git fsck complains of, and how many runs could not be made afterwards.
"""

import random
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

sys.path.insert(0, str(Path(__file__).parents[1]))  # tests/support is shared

from pesquared.errors import PesquaredError
from tests.support.campaign import campaign, killed_campaign, what_git_says
from tests.support.dirty_shapes import SHAPES, make_shape
from tests.support.git_repos import fingerprint

KILLS, LONGEST_S = 200, 0.6


def main() -> int:
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else KILLS
    changed, broken, stuck = [], [], []
    for number in range(kills):
        name = sorted(SHAPES)[number % len(SHAPES)]
        with TemporaryDirectory() as scratch:
            repository = make_shape(name, Path(scratch, "r"))
            said, before = what_git_says(repository), fingerprint(repository)
            killed_campaign(repository, Path(scratch, "state"), random.uniform(0, LONGEST_S))
            if fingerprint(repository) != before or what_git_says(repository) != said:
                changed.append(name)
            fsck = subprocess.run(["git", "fsck", "--strict"], cwd=repository, capture_output=True, check=False)
            if fsck.returncode != 0:
                broken.append(name)
            try:
                campaign(repository, Path(scratch, "state"))
            except PesquaredError:
                stuck.append(name)
    print(f"{kills} runs killed, over {len(SHAPES)} shapes of a checkout, after up to {LONGEST_S} s")
    for what, names in (("checkouts changed", changed), ("repositories broken", broken), ("runs stuck", stuck)):
        print(f"{what}: {len(names)} {', '.join(sorted(set(names)))}".rstrip())
    return 1 if changed or broken or stuck else 0


if __name__ == "__main__":
    sys.exit(main())
