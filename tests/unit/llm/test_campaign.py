"""Some hundred calls to a server that misbehaves at random; benchmarks/model_chaos.py makes ten thousand."""

import pytest

from tests.support.chaos import DEADLINE_S, campaign


def test_every_call_ends_in_a_known_way_and_the_ledger_is_right(tmp_path):
    outcome = campaign(150, tmp_path)
    assert outcome.calls >= 150
    assert outcome.unclassified == []
    assert outcome.leaks == []
    assert outcome.longest_s < DEADLINE_S + 5
    assert outcome.paid_usd == pytest.approx(outcome.billed_usd, abs=1e-9)
    assert outcome.outcomes["answer"] > 30
    assert len(outcome.behaviours) > 20
    assert outcome.simulated_s > 100
