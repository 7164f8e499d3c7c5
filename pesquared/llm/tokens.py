"""How many tokens a text has. By the exact vocabulary if it is on this machine: nothing is downloaded."""

import hashlib
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import tiktoken

ENCODING = "o200k_base"
# tiktoken caches under the SHA-1 of the vocabulary's address and deletes a file whose SHA-256 is another.
VOCABULARY_FILE = "fb374d419588a4632f3f557e76b4b70aebbca790"
VOCABULARY_SHA256 = "446a9538cb6c348e3516120d7c08b09f57c36495e2acfffe59a5bf8b0cfb1a2d"
LONGEST_EXACT = 256 << 10  # characters; beyond that counting takes longer than it is worth
MARGIN = 1.35  # what another vocabulary than ours may need more
BYTES_PER_TOKEN = 3  # below what code has in any current vocabulary, so that the estimate is high


def estimate_tokens(text: str) -> int:
    """Tokens of ``text`` for a budget: by tiktoken where its vocabulary is cached, else a third of the bytes."""
    encoding = _encoding() if len(text) <= LONGEST_EXACT else None
    if encoding is None:
        return -(-len(text.encode("utf-8", "replace")) // BYTES_PER_TOKEN)
    return len(encoding.encode(text, disallowed_special=()))


def token_text(text: str) -> str:
    """``1234 tokens``; ``about 1234 tokens`` where they could only be estimated."""
    exact = len(text) <= LONGEST_EXACT and _encoding() is not None
    return f"{'' if exact else 'about '}{estimate_tokens(text)} tokens"


@cache
def _encoding() -> "tiktoken.Encoding | None":
    folder = os.environ.get("TIKTOKEN_CACHE_DIR", os.environ.get("DATA_GYM_CACHE_DIR"))
    file = Path(tempfile.gettempdir(), "data-gym-cache") if folder is None else Path(folder)
    if folder == "" or not vocabulary_is_cached(file):
        return None
    import tiktoken

    return tiktoken.get_encoding(ENCODING)


def vocabulary_is_cached(folder: Path) -> bool:
    """Is the whole vocabulary in ``folder``, so that tiktoken neither deletes nor downloads?"""
    try:
        return hashlib.sha256((folder / VOCABULARY_FILE).read_bytes()).hexdigest() == VOCABULARY_SHA256
    except OSError:
        return False
