"""Ten thousand calls to a model's server that misbehaves at random: what becomes of them, and of the money.

    python benchmarks/model_chaos.py [CALLS]

The server is real and speaks three wire formats, the SDKs are real; only the pauses between calls are simulated.
"""

import sys
import tempfile
import time
from pathlib import Path

from tests.support.chaos import BILL, DEADLINE_S, campaign


def main(calls: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        outcome = campaign(calls, Path(folder), seed=int(time.time()))
    shown = ", ".join(f"{name} {number}" for name, number in outcome.outcomes.most_common())
    print(f"{outcome.calls} calls for {outcome.questions} questions, {len(outcome.behaviours)} kinds of behaviour")
    print(f"  questions ended as: {shown}")
    print(f"  unclassified exceptions: {len(outcome.unclassified)}  {outcome.unclassified[:3]}")
    print(f"  longest call: {outcome.longest_s:.2f} s with a deadline of {DEADLINE_S} s")
    print(f"  billed by the server {outcome.billed_usd:.4f} USD, on the ledger {outcome.paid_usd:.4f} USD,")
    print(f"  and {outcome.unknown_usd:.4f} USD as the worst case of calls that brought no answer")
    print(f"  places that hold the key: {len(outcome.leaks)}")
    pauses = outcome.simulated_s / 3600
    print(f"  {outcome.wall_s:.0f} s, and {pauses:.1f} h of simulated pauses; {BILL:.4f} USD an answer")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
