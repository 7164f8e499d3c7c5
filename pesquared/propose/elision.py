"""Finds code left out: a model that writes "// rest unchanged" wants someone else to fill it in."""

import re

from pesquared.source.tokens import tokens

MARKERS = re.compile(r"[\s/*!<.…\[\](){}-]+")
THING = r"(?:code|function|implementation|body|logic|file|loop)"
# A comment is left-out code when all of it says so, not when a sentence of it happens to.
SAYS_SO = re.compile(
    rf"(?:(?:the )?(?:rest|remainder|remaining)\b[^.\n]{{0,40}}\b(?:unchanged|the same|as before|as is|as it was)"
    rf"|(?:the )?(?:rest|remainder) of (?:the )?(?:original |existing )?{THING}(?: (?:goes )?here)?"
    rf"|(?:the )?(?:existing|original|previous|same|remaining) {THING}(?: (?:goes )?here| \w+ed| as before)?"
    rf"|(?:{THING} )?(?:(?:is|remains) )?(?:unchanged|omitted|the same)(?: (?:code|for brevity|here))?"
    r"|(?:same )?as (?:before|above|in the original))",
    re.IGNORECASE,
)
HINTS = re.compile(
    r"\b(?:rest|unchanged|existing|same|remaining|omitted|original|previous|as before)\b", re.IGNORECASE
)
MOST_WORDS = 5  # of a comment with dots that is a hint and not a sentence


def elided(text: str, shown: str) -> str:
    """The comment or line in ``text`` that stands for code left out, "" if there is none.

    Args:
        text: code of a reply.
        shown: the code that the prompt showed; what stands there already leaves nothing out.
    """
    before = ""
    for token in tokens(text):
        if token.kind == "comment":
            if _leaves_out(token.text) and token.text.strip() not in shown:
                return token.text.strip()
        else:
            if token.text == "..." and before in (";", "{", "}"):
                return token.text
            before = token.text
    return ""


def _leaves_out(comment: str) -> bool:
    dots = "..." in comment or "…" in comment
    said = " ".join(MARKERS.sub(" ", comment).split())
    if not said:
        return dots
    if SAYS_SO.fullmatch(said):
        return True
    return dots and len(said.split()) <= MOST_WORDS and HINTS.search(said) is not None
