"""Numbers as people read them, the same in verdicts, tables and prompts."""

_MINUS = "\N{MINUS SIGN}"


def counted(number: int, noun: str) -> str:
    """``1 pair``, ``2 pairs``."""
    return f"{number} {noun}{'' if number == 1 else 's'}"


def percent(fraction: float) -> str:
    """``0.341`` → ``34.1 %``; a true minus sign for losses."""
    text = f"{abs(fraction) * 100:.1f}"
    return f"{_MINUS if fraction < 0 and text != '0.0' else ''}{text} %"
