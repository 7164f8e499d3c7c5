"""The eight methodologies of systematic optimisation, by which a proposal says what it does.

Each makes a program do less, do it later, do it once, or do it where it is cheap.
"""

import re

METHODOLOGIES = (
    "batching",
    "caching",
    "precomputing",
    "deferring",
    "relaxation",
    "contextualization",
    "hardware specialization",
    "layering",
)
_LINE = re.compile(
    r"^[\s>*_#-]{0,8}methodology[\s*_]{0,4}:[\s*_`]{0,4}([A-Za-z -]{1,40})", re.IGNORECASE | re.MULTILINE
)
LONGEST_LOOKED_AT = 20_000  # characters of a reply


def methodology_of(reply: str) -> str:
    """The one that the reply names, "" if it names none of them."""
    found = _LINE.search(reply[:LONGEST_LOOKED_AT])
    if found is None:
        return ""
    said = " ".join(found[1].lower().replace("-", " ").split()).replace("isation", "ization")
    return next((one for one in METHODOLOGIES if said.startswith(one)), "")
