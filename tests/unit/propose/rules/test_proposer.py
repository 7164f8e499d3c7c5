import hashlib

import pytest

from pesquared.core.proposal import Declined, EarlierTry, Proposal, Stage
from pesquared.propose.rules import RuleProposer
from tests.unit.propose.rules.reading import context_of, request_for

CODE = "double A[9][9], B[9][9];\nvoid kernel(void) { for (int j = 0; j < 9; j++) for (int i = 0; i < 9; i++) A[i][j] = B[i][j]; }"


def test_the_edit_replaces_the_definition() -> None:
    context = context_of(CODE, "kernel")
    answer = RuleProposer().propose(request_for(context))
    assert isinstance(answer, Proposal)
    (edit,) = answer.edits
    extent = context.definition.extent
    assert (edit.path, edit.start, edit.end) == (extent.path, extent.start, extent.end)
    assert edit.sha256 == hashlib.sha256(CODE.encode()[edit.start : edit.end]).hexdigest()
    assert edit.replacement.startswith(b"void kernel(void) { for (int i = 0;")
    assert answer.answerer.provider == "rules"
    assert answer.answerer.cost_usd == 0


def test_a_rule_is_tried_once() -> None:
    context = context_of(CODE, "kernel")
    first = RuleProposer().propose(request_for(context))
    assert isinstance(first, Proposal)
    again = RuleProposer().propose(
        request_for(context, Stage.OPTIMIZE, EarlierTry(first.rationale, "slower", "it was"))
    )
    assert isinstance(again, Declined)
    assert "already tried" in again.reason
    other = request_for(context, Stage.OPTIMIZE, EarlierTry("another idea", "slower", "it was"))
    assert isinstance(RuleProposer().propose(other), Proposal)


def test_it_has_nothing_to_mend() -> None:
    answer = RuleProposer().propose(request_for(context_of(CODE, "kernel"), Stage.REPAIR))
    assert isinstance(answer, Declined)


@pytest.mark.parametrize("code", ["int kernel(void) { return 1; }", "void kernel(void) {}"])
def test_declines_with_the_reasons(code: str) -> None:
    answer = RuleProposer().propose(request_for(context_of(code, "kernel")))
    assert isinstance(answer, Declined)
    assert answer.reason == "no rule matches `kernel` (loop interchange: it holds no nest of two loops)"
