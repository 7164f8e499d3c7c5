"""Asks one rule after the other: the proposer that needs no model."""

from pesquared.core.proposal import Answer, Answerer, Declined, Edit, Proposal, ProposalRequest, Stage
from pesquared.propose.rules.interchange import LoopInterchange
from pesquared.propose.rules.rule import Rule
from pesquared.propose.touched import touched

RULES: tuple[Rule, ...] = (
    LoopInterchange(),
)  # fmt: skip


class RuleProposer:
    """Proposes what the first matching rule makes of a function. Same function, same answer.

    A rule's rationale begins with its name; by that a rule that was tried on this function before is passed over.
    """

    name = "rules"
    model = ""
    trusted = True

    def propose(self, request: ProposalRequest) -> Answer:
        if request.stage is Stage.REPAIR:
            return Declined("a rule has nothing to mend: it gives the same rewrite again")
        reasons = []
        for rule in RULES:
            if any(earlier.rationale.startswith(f"{rule.name}: ") for earlier in request.earlier):
                reasons.append(f"{rule.name}: already tried")
                continue
            rewrite = rule.apply(request.context)
            if isinstance(rewrite, str):
                reasons.append(f"{rule.name}: {rewrite}")
                continue
            extent = request.context.definition.extent
            edit = Edit(extent.path, extent.start, extent.end, extent.sha256, rewrite.text)
            return Proposal(
                (edit,),
                f"{rule.name}: {rewrite.summary}",
                Answerer(self.name, self.model),
                rewrites=touched((edit,), request.context),
            )
        return Declined(f"no rule matches `{request.context.definition.name}` ({'; '.join(reasons)})")
