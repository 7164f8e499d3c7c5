"""Reads a reply: Markdown whose fenced blocks (CommonMark 0.31, 4.5) hold code and whose prose says why."""

import re
from dataclasses import dataclass

from pesquared.source.fragments import PieceKind, UnparsableFragment, split_fragment

OPENING = re.compile(r"( {0,3})(`{3,}|~{3,})[ \t]*(.*)")
CLOSING = re.compile(r" {0,3}(`{3,}|~{3,})[ \t]*")
CODE_TAG = re.compile(r"(?:c|c\+\+|cpp|cxx)(?:[0-9][0-9a-z])?|cc|h|hh|hpp|hxx|h\+\+")
WRAPPING_TAGS = frozenset({"markdown", "md"})  # some models put their whole reply into one block
FILE_KEYS = frozenset({"file", "filename", "path"})
SUFFIX = re.compile(r".*\.(?:c|cc|cpp|cxx|c\+\+|h|hh|hpp|hxx|inl|inc|ipp|tcc)", re.IGNORECASE)
DIFF = re.compile(r"(?:diff --git |--- |\+\+\+ |@@ -|Index: )")
FOREIGN_SURROGATES = re.compile("[\ud800-\udc7f\udd00-\udfff]")
HUNK = re.compile(r"^<{5,9} ?SEARCH\b", re.MULTILINE)  # see search_replace.py
BARE = re.compile(r"#|/[/*]|[^\n]{0,300}[{};)>][ \t\r]*(?:\n|$)")  # a first line of code; prose ends otherwise
LONGEST_RATIONALE = 600


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block of C or C++. ``path`` is the file that its info string names, "" for none."""

    text: str
    path: str = ""
    tagged: bool = True


@dataclass(frozen=True, slots=True)
class ParsedReply:
    """What a reply says and what it holds."""

    rationale: str  # the first paragraphs of prose, at most 600 characters
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class _Fence:
    """A fenced block of any language."""

    info: str
    text: str
    closed: bool


def clean(text: str) -> str:
    """``text`` with Unix line endings, and without code points that stand for nothing."""
    return FOREIGN_SURROGATES.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n"))


def parse_reply(text: str) -> ParsedReply:
    """Splits a reply into prose and blocks. Never fails: without a usable block there are none."""
    prose, fences = _fences(clean(text))
    wrapped = [fence for fence in fences if _tag(fence.info) in WRAPPING_TAGS]
    if wrapped and not any(_block(fence) for fence in fences):
        inner_prose, fences = _fences(wrapped[0].text)
        prose += inner_prose
    if not fences:
        bare = Block(clean(text), tagged=False)
        if BARE.match(text.lstrip()) and _defines_something(bare):  # nothing but code
            return ParsedReply("", (bare,))
    found = [(fence, block) for fence in fences if (block := _block(fence)) is not None]
    blocks = [block for fence, block in found if fence.closed or not _cut_off(block)]
    blocks = blocks or [block for _, block in found]  # all that came: what is wrong with it is said of the code
    if any(block.tagged for block in blocks):
        blocks = [block for block in blocks if block.tagged or _defines_something(block)]
    return ParsedReply(_rationale(prose), tuple(blocks))


def _fences(text: str) -> tuple[list[str], list[_Fence]]:
    """Paragraphs of prose, in order, and the fenced blocks."""
    prose: list[str] = [""]
    fences: list[_Fence] = []
    body: list[str] = []
    opening: re.Match[str] | None = None
    for line in text.split("\n"):
        if opening is None:
            opening = OPENING.fullmatch(line)
            if opening is not None and not (opening[2][0] == "`" and "`" in opening[3]):
                body = []
                prose.append("")
                continue
            opening = None
            if line.strip() and len(prose[-1]) < LONGEST_RATIONALE:
                prose[-1] += line.strip().lstrip("#").strip() + " "
            elif prose[-1] and not line.strip():
                prose.append("")
            continue
        closing = CLOSING.fullmatch(line)
        if closing and closing[1][0] == opening[2][0] and len(closing[1]) >= len(opening[2]):
            fences.append(_Fence(opening[3].strip(), "\n".join(body), closed=True))
            opening = None
        else:
            indent = len(opening[1])
            body.append(line[min(indent, len(line) - len(line.lstrip(" "))) :])
    if opening is not None:
        fences.append(_Fence(opening[3].strip(), "\n".join(body), closed=False))
    return [paragraph.strip() for paragraph in prose if paragraph.strip()], fences


def _tag(info: str) -> str:
    """The language of an info string: the first word, without pandoc's braces and without a file's name."""
    words = info.split()
    first = words[0].strip("{}.,").lower() if words else ""
    return first.partition(":")[0] if ":" in first and not first.startswith(":") else first


def _block(fence: _Fence) -> Block | None:
    """The block, if it is C or C++ and not, say, a shell command or a diff."""
    tag = _tag(fence.info)
    path = _path(fence.info)
    if "=" in tag:
        tag = ""
    tagged = CODE_TAG.fullmatch(tag) is not None or (bool(path) and tag == path.lower())
    if not tagged and tag:
        return None
    lines = fence.text.strip().split("\n")
    if DIFF.match(lines[0]) or not fence.text.strip():
        return None
    return Block(fence.text, path, tagged)


def _cut_off(block: Block) -> bool:
    return isinstance(split_fragment(block.text), UnparsableFragment)


def _path(info: str) -> str:
    """The file that an info string names: ``c src/a.c``, ``c file=src/a.c``, ``c:src/a.c`` or ``src/a.c``."""
    for position, word in enumerate(info.replace("{", " ").replace("}", " ").split()):
        key, equals, value = word.partition("=")
        if equals:
            if key.lower() in FILE_KEYS:
                return value.strip("\"'")
            continue
        language, colon, rest = word.partition(":")
        if position == 0 and colon and CODE_TAG.fullmatch(language.lower()):
            return rest
        bare = word.strip("\"'`()")
        if SUFFIX.fullmatch(bare) and not (position == 0 and bare.startswith(".")):
            return bare
    return ""


def _defines_something(block: Block) -> bool:
    """Is an unlabelled block code, rather than a program's output or a file tree?"""
    if HUNK.search(block.text):
        return True
    pieces = split_fragment(block.text)
    if isinstance(pieces, UnparsableFragment):
        return False
    return any(piece.kind not in (PieceKind.DECLARATION, PieceKind.BLANK) for piece in pieces)


def _rationale(prose: list[str]) -> str:
    """The first paragraphs, as far as there is room."""
    text = ""
    for paragraph in prose:
        if text and len(text) + len(paragraph) > LONGEST_RATIONALE:
            break
        text = f"{text}\n{paragraph}" if text else paragraph
    text = text.encode("utf-8", "replace").decode("utf-8")
    if len(text) <= LONGEST_RATIONALE:
        return text
    return text[: LONGEST_RATIONALE - 1].rsplit(" ", 1)[0] + "…"
