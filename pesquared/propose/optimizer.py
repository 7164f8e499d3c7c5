"""``FunctionOptimizer``: asks a language model for a faster version of a function and makes edits of its reply."""

from dataclasses import replace

from pesquared.core.proposal import Answer, Answerer, Declined, InvalidReply, Proposal, ProposalRequest
from pesquared.llm import LanguageModel, NoAnswer, Question
from pesquared.propose.methodology import methodology_of
from pesquared.propose.own_lines import in_own_lines
from pesquared.propose.prompt import render
from pesquared.propose.refusal import Refused
from pesquared.propose.reply import clean, parse_reply
from pesquared.propose.rewrite import rewrite
from pesquared.propose.shown import Read
from pesquared.propose.touched import touched


class FunctionOptimizer:
    """A ``Proposer`` that asks a model. What it proposes was written by the model: it is not to be trusted.

    Args:
        answerer: the model.
        templates: folder of prompts that take the place of ours, "" for none.
        read: gives the present bytes of a file by its path relative to the code base; raises OSError.
    """

    trusted = False

    def __init__(self, answerer: LanguageModel, *, read: Read, templates: str = "") -> None:
        self.name = answerer.provider
        self.model = answerer.model
        self._answerer = answerer
        self._read = read
        self._templates = templates

    def propose(self, request: ProposalRequest) -> Answer:
        """One answer to one request.

        Raises:
            ProposerError: nobody can be asked.
            BudgetError: the limits of the run do not allow it.
        """
        definition = request.context.definition
        if definition.from_macro:
            return Declined(f"{definition.name} comes out of a macro: there is no text to replace")
        name = definition.name
        request = self._in_own_lines(request)
        reply = self._answerer.answer(
            Question(render(request, self._templates), name, request.stage, request.attempt, request.turn)
        )
        if isinstance(reply, NoAnswer):
            nobody = Answerer(self.name, self.model, reply.cost_usd)
            return InvalidReply(reply.reason_code, reply.reason, nobody)
        answerer = Answerer(reply.provider, reply.model, reply.cost_usd)
        said = clean(reply.text)
        parsed = parse_reply(said)
        shareable = said.encode("utf-8", "replace").decode("utf-8")
        if reply.truncated:
            cut = f"the reply was cut off after {reply.output_tokens} tokens: say less, and only what changes"
            return InvalidReply("truncated", cut, answerer, shareable)
        try:
            edits = rewrite(parsed.blocks, request, self._read)
        except Refused as refused:
            return InvalidReply(refused.reason_code, refused.reason, answerer, shareable)
        return Proposal(
            edits, parsed.rationale, answerer, shareable, touched(edits, request.context), methodology_of(said)
        )

    def _in_own_lines(self, request: ProposalRequest) -> ProposalRequest:
        """A failed build is told in the lines of the reply that was built."""
        failure = request.failure
        if failure is None or failure.gate != "build":
            return request
        try:
            edits = rewrite(parse_reply(failure.reply).blocks, request, self._read)
        except Refused:
            edits = ()
        detail = in_own_lines(failure.detail, edits, self._read)
        return replace(request, failure=replace(failure, detail=detail))
