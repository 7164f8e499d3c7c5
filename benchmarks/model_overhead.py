"""What PESquared adds to a call of a model: its own layer alone, and with the SDK over a local connection.

python benchmarks/model_overhead.py [CALLS]
"""

import statistics
import sys
import tempfile
import time
from pathlib import Path

from pesquared.core.proposal import Stage
from pesquared.llm import Correspondence, Means, Prompt, Provider, Question, ReplyStore
from pesquared.llm.spending.budget import Budget, Limits
from pesquared.llm.spending.ledger import Ledger
from tests.support.answers import ScriptedProvider
from tests.support.chaos import FORMATS, PRICE, provider_at
from tests.support.model_server import ModelServer, serving

PROMPT = Prompt("int f(int x) { return x; }\n" * 300, "Your turn.")  # about 8 KB


def per_call(provider: Provider, folder: Path, calls: int) -> list[float]:
    """Milliseconds of each call."""
    means = Means(ReplyStore(folder / "replies"), Budget(Limits(usd=1e6), Ledger(folder / "ledger.jsonl")))
    model = Correspondence(provider, means)
    took = []
    for attempt in range(calls):
        begun = time.perf_counter()
        model.answer(Question(PROMPT, "f", Stage.OPTIMIZE, attempt))
        took.append(1000 * (time.perf_counter() - begun))
    return took


def main(calls: int) -> None:
    with tempfile.TemporaryDirectory() as temporary, serving(ModelServer()) as server:
        scripted = ScriptedProvider([b"answer"] * (calls + 3), price=PRICE)
        layers = {"our layer alone": scripted, **{api: provider_at(server.url, api) for api in FORMATS}}
        for name, provider in layers.items():
            took = per_call(provider, Path(temporary, name), calls + 3)[3:]
            print(f"{name:16} median {statistics.median(took):6.2f} ms, slowest {max(took):6.2f} ms a call")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 200)
