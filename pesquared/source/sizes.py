"""How much of a model's context a text takes, without its tokenizer."""

BYTES_PER_TOKEN = 3.6  # of C and C++ code; cl100k takes 3.3 to 4, by how long its names are


def about_tokens(*texts: str) -> int:
    """About how many tokens the texts have together, rather too many than too few."""
    size = sum(len(text.encode("utf-8", "surrogateescape")) for text in texts)
    return -int(-size // BYTES_PER_TOKEN)
