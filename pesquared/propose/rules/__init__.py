"""Rewrites that need no model: rules that preserve behaviour wherever they apply. One line a rule in ``RULES``."""

from pesquared.propose.rules.proposer import RULES, RuleProposer
from pesquared.propose.rules.rule import Rewrite, Rule

__all__ = ["RULES", "Rewrite", "Rule", "RuleProposer"]
