"""C and C++ text as tokens: enough of the lexical grammar (C17 6.4, C++20 lex) to find code in it.

Total and linear: every text has a token stream. Pieces that never end (a comment, a string) run to where the
language would stop reading, and are told by ``unterminated``.
"""

import hashlib
import re
from collections.abc import Iterator
from typing import NamedTuple

SPLICE = r"\\\r?\n"
STRING = r'"(?:[^"\\\n]|\\(?:\r\n|[\s\S]))*+"?'
CHARACTER = r"'(?:[^'\\\n]|\\(?:\r\n|[\s\S]))*+'?"
BLOCK_COMMENT = r"/\*(?:[^*]|\*(?!/))*+(?:\*/)?"
LINE_COMMENT = rf"//(?:[^\\\n]|{SPLICE}|\\)*+"
RAW_STRING_HEAD = r'(?:u8|[uUL])?R"(?P<delimiter>[^()\\\s"]{0,16})\('
PUNCTUATORS = r"<=>|<<=|>>=|->\*|\.\.\.|::|->|\+\+|--|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%&^|]=|\#\#"

TOKEN = re.compile(
    rf"""(?P<newline>\n)
    |(?P<space>[ \t\r\f\v]+|{SPLICE})
    |(?P<comment>{BLOCK_COMMENT}|{LINE_COMMENT})
    |(?P<raw>{RAW_STRING_HEAD})
    |(?P<string>(?:u8|[uUL])?{STRING})
    |(?P<character>(?:u8|[uUL])?{CHARACTER})
    |(?P<number>\.?[0-9](?:[eEpP][+-]|'?[0-9A-Za-z_]|\.)*+)
    |(?P<word>[A-Za-z_$\x80-\U0010ffff][0-9A-Za-z_$\x80-\U0010ffff]*)
    |(?P<punctuator>{PUNCTUATORS}|[\s\S])""",
    re.VERBOSE,
)
DIRECTIVE = re.compile(
    rf"\#(?:[^\\\n/\"']|\\(?:\r\n|[\s\S])|{STRING}|{CHARACTER}|{BLOCK_COMMENT}|{LINE_COMMENT}|/)*+"
)
DIRECTIVE_NAME = re.compile(r"#(?:[ \t]|\\\r?\n|/\*(?:[^*]|\*(?!/))*+\*/)*+([A-Za-z_]*)")


class Token(NamedTuple):
    """``kind``: comment, directive (a whole preprocessor line), string, character, number, word or punctuator."""

    kind: str
    start: int  # offset in the text
    end: int
    text: str

    @property
    def unterminated(self) -> bool:
        """Does a string, a character or a block comment lack its end?"""
        if self.kind == "comment":
            return self.text.startswith("/*") and (len(self.text) < 4 or not self.text.endswith("*/"))
        if self.kind in ("string", "character"):
            quote = '"' if self.kind == "string" else "'"
            opening = self.text.index(quote)
            return len(self.text) < opening + 2 or not self.text.endswith(quote)
        return False

    @property
    def directive(self) -> str:
        """The directive's name: "include", "if", …; "" for other tokens."""
        found = DIRECTIVE_NAME.match(self.text) if self.kind == "directive" else None
        return found.group(1) if found else ""


def tokens(text: str, start: int = 0, stop: int | None = None) -> Iterator[Token]:
    """The tokens of ``text[start:stop]`` in order, comments among them, white space left out.

    Args:
        text: source text; bytes decoded as Latin-1 give byte offsets.
        start: where a line begins.
        stop: where to end; a token that begins before is given whole.
    """
    position, limit = start, len(text) if stop is None else min(stop, len(text))
    line_start = True
    while position < limit:
        if line_start and text[position] == "#":
            match = DIRECTIVE.match(text, position)
            kind = "directive"
        else:
            match = TOKEN.match(text, position)
            kind = str(match.lastgroup) if match else ""
        if match is None:
            raise AssertionError("the last alternative takes any character")
        end = match.end()
        if kind in ("newline", "space"):
            line_start = line_start or kind == "newline"
        elif kind == "raw":
            closing = f'){match.group("delimiter")}"'
            found = text.find(closing, end)
            end = len(text) if found < 0 else found + len(closing)
            yield Token("string", position, end, text[position:end])
            line_start = False
        else:
            yield Token(kind, position, end, text[position:end])
            line_start = kind == "comment" and line_start
        position = end


def significant(text: str) -> list[str]:
    """The texts of all tokens that a compiler sees; white space inside directives is made one blank."""
    found = []
    for token in tokens(text):
        if token.kind == "directive":
            found.append("\n" + " ".join(significant_directive(token.text)) + "\n")
        elif token.kind != "comment":
            found.append(token.text)
    return found


def significant_directive(line: str) -> list[str]:
    """A directive's own tokens. Whether white space parts a macro's name from ``(`` is kept: it has a meaning."""
    found: list[str] = []
    previous = -1
    for token in tokens(line[1:]):
        if token.kind != "comment":
            glued = token.text == "(" and token.start == previous
            found.append("<glue>(" if glued else token.text)
            previous = token.end
    return found


def same_tokens(a: str, b: str) -> bool:
    """Is it the same code but for white space and comments?"""
    return significant(a) == significant(b)


def code_key(source: bytes) -> str:
    """A hash that is equal for files that differ in white space and comments only."""
    digest = hashlib.sha256()
    for text in significant(source.decode("latin-1")):
        digest.update(text.encode("latin-1") + b"\0")
    return digest.hexdigest()
