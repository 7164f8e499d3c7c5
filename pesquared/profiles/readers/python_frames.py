"""How Python's functions are spelt: as py-spy does, so that one function has one name in all formats."""

BUILT_IN = "~"  # what cProfile calls the file of functions written in C


def frame_of(name: str, file: str) -> str:
    """``name (file.py)``. A built-in function has no file: ``[built-in method math.sqrt]``, which is no target."""
    if file in (BUILT_IN, ""):
        return f"[{name.strip('<>{}') or 'unknown'}]"
    return f"{name} ({file})"
