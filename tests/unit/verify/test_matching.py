"""Expressions of the code base are matched where they can be ended."""

import pytest

from pesquared.errors import UsageError
from pesquared.verify.matching import EndlessMatchingError, last_group, must_be_an_expression, remove, select

ENDLESS = "(a+)+$"


def test_names_are_selected() -> None:
    assert select("[x]", "^a|é", ["ab", "ba", "caféx", "a\nb"]) == {"ab", "caféx", "a\nb"}


def test_the_last_match_counts() -> None:
    data = "é rate 1.5\nrate 22\n".encode()
    begin, end = last_group("[x]", "^rate ([0-9.]+)$", data) or (0, 0)
    assert data[begin:end] == b"22"
    assert last_group("[x]", "none ([0-9])", data) is None
    assert last_group("[x]", "rate|(never)", data) is None


def test_expressions_may_be_longer_together_than_a_command_line() -> None:
    patterns = [f"{number:0900d}" for number in range(300)]  # 270 KB; one argument has room for 128
    assert remove("[x]", [*patterns, "é+"], "aéé\nb".encode()) == b"a\nb"


def test_matching_without_end_is_ended() -> None:
    text = "a" * 60 + "b"
    with pytest.raises(EndlessMatchingError, match=r"\[x\]: matching takes more than"):
        select("[x]", ENDLESS, [text], timeout_s=0.3)
    with pytest.raises(EndlessMatchingError):
        last_group("[x]", ENDLESS, text.encode(), timeout_s=0.3)


def test_how_many_groups_there_are_is_checked() -> None:
    must_be_an_expression("[x]", "(?:a)(b)", groups=1)
    with pytest.raises(UsageError, match="has 0 groups, not 1"):
        must_be_an_expression("[x]", "ab", groups=1)
