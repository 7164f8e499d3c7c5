"""``FunctionOptimizer``: asks a language model for a faster version of a function and makes edits of its reply."""

from pathlib import Path

from pesquared.core.proposal import Answer, Answerer, Declined, InvalidReply, Proposal, ProposalRequest
from pesquared.llm import LanguageModel, NoAnswer, Question, Reply, ReplyStore
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
        read: gives the present bytes of a file by its path relative to the code base; raises OSError.
        store: folder in which replies are kept, by the hash of their question; what is there is not asked again.
    """

    trusted = False

    def __init__(self, answerer: LanguageModel, *, read: Read, store: Path) -> None:
        self.name = answerer.provider
        self.model = answerer.model
        self._answerer = answerer
        self._read = read
        self._store = ReplyStore(store)

    def propose(self, request: ProposalRequest) -> Answer:
        """One answer to one request.

        Raises:
            ProposerError: nobody can be asked.
        """
        definition = request.context.definition
        if definition.from_macro:
            return Declined(f"{definition.name} comes out of a macro: there is no text to replace")
        reply = self._ask(request)
        if isinstance(reply, NoAnswer):
            return InvalidReply("no-answer", reply.reason, Answerer(self.name, self.model))
        answerer = Answerer(reply.provider, reply.model, reply.cost_usd)
        said = clean(reply.text)
        parsed = parse_reply(said)
        shareable = said.encode("utf-8", "replace").decode("utf-8")
        try:
            edits = rewrite(parsed.blocks, request, self._read)
        except Refused as refused:
            return InvalidReply(refused.reason_code, refused.reason, answerer, shareable)
        return Proposal(edits, parsed.rationale, answerer, shareable, touched(edits, request.context))

    def _ask(self, request: ProposalRequest) -> Reply | NoAnswer:
        """The stored reply, or a new one, which is stored before anyone looks at it."""
        question = Question(
            render(request), request.context.definition.name, request.stage, request.attempt, request.turn
        )
        key = question.key(self.name, self.model)
        stored = self._store.find(key)
        if stored is not None:
            return stored
        reply = self._answerer.answer(question)
        if isinstance(reply, Reply):
            self._store.keep(key, question.prompt.text, reply)
        return reply
