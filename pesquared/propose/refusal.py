"""Why a reply cannot be applied, in a word of the verdict and a sentence that the repair turn can use."""


class Refused(Exception):  # noqa: N818 - it ends the reading of a reply and becomes an InvalidReply
    """Raised while a reply is read; never leaves ``pesquared.propose``.

    Args:
        reason_code: no-code, unparsable, elided, too-large, target-missing, ambiguous-reply, signature-changed,
            type-changed, not-shown, macro-generated, sealed, bad-path, nested-helper, search-not-found,
            search-ambiguous, stale.
        reason: a sentence.
    """

    def __init__(self, reason_code: str, reason: str) -> None:
        super().__init__(reason)
        self.reason_code = reason_code
        self.reason = reason
