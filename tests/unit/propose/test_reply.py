"""Reading a reply: what counts as code, and what it says beside it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.propose.reply import parse_reply

F = "int f(int x) { return x; }"
LINES = st.sampled_from(
    [
        "```c",
        "```",
        "~~~~cpp",
        "~~~~",
        "````",
        "   ```",
        "text",
        "",
        F,
        "```diff",
        "# head",
        "\r",
        "\udcff",
        "\ud83d",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(LINES, max_size=15).map("\n".join) | st.text(max_size=200))
def test_any_text_is_read(text):
    parsed = parse_reply(text)
    assert len(parsed.rationale) <= 600
    assert parsed.rationale == parsed.rationale.encode("utf-8", "replace").decode()
    letters = set(text)
    for block in parsed.blocks:
        assert block.text.strip()
        assert set(block.text) - {"\n", "\ufffd"} <= letters


@settings(max_examples=100, deadline=None)
@given(
    st.text(st.characters(codec="utf-8", exclude_characters="`~\r"), min_size=1).filter(str.strip),
    st.integers(3, 7),
    st.sampled_from("`~"),
    st.integers(0, 3),
    st.sampled_from(["c", "C", "c++", "cpp", "cxx", "cc", "h", "hpp", "c17", "c++20"]),
)
def test_what_is_fenced_comes_out(code, length, mark, indent, tag):
    fence = mark * length
    lines = [" " * indent + line for line in [f"{fence}{tag}", *code.split("\n"), fence]]
    blocks = parse_reply("why\n\n" + "\n".join(lines) + "\n").blocks
    if code.lstrip().startswith(("--- ", "+++ ", "@@ -", "diff --git ", "Index: ")):
        assert blocks == ()
    else:
        assert [block.text for block in blocks] == [code]


@pytest.mark.parametrize(
    ("info", "path"),
    [
        ("", ""), ("c", ""), ("C", ""), ("c++", ""), ("{.c}", ""), ("c17", ""), ("c linenums=1", ""),
        ("c src/hash.c", "src/hash.c"), ("c file=src/hash.c", "src/hash.c"), ('cpp filename="src/a.cc"', "src/a.cc"),
        ("src/hash.c", "src/hash.c"), ("c:src/hash.c", "src/hash.c"), ("cpp path=Makefile", "Makefile"),
        ("c `src/hash.h`", "src/hash.h") , ("c (src/hash.c)", "src/hash.c"),
    ],
)  # fmt: skip
def test_info_strings(info, path):
    fence = "~~~" if "`" in info else "```"
    (block,) = parse_reply(f"{fence}{info}\n{F}\n{fence}\n").blocks
    assert block.text == F
    assert block.path == path


@pytest.mark.parametrize(
    "info", ["sh", "bash", "diff", "patch", "json", "text", "python", "rust", "asm", "makefile", "cmake"]
)
def test_other_languages_are_left_aside(info):
    assert parse_reply(f"```{info}\n{F}\n```\n").blocks == ()


def test_only_a_diff_is_no_code():
    for tag in ("diff", "", "c"):
        assert parse_reply(f"```{tag}\n--- a/x.c\n+++ b/x.c\n@@ -1 +1 @@\n-{F}\n+{F}\n```\n").blocks == ()


def test_longer_fences_hold_shorter_ones():
    code = f"/*\n```\n*/\n{F}"
    assert [block.text for block in parse_reply(f"````c\n{code}\n````\n").blocks] == [code]
    assert [block.text for block in parse_reply(f"~~~c\n{code}\n~~~\n").blocks] == [code]


def test_a_reply_wrapped_in_markdown_is_unwrapped():
    parsed = parse_reply(f"````markdown\nIt is faster.\n\n```c\n{F}\n```\n````\n")
    assert [block.text for block in parsed.blocks] == [F]
    assert parsed.rationale == "It is faster."


def test_the_last_fence_may_stay_open_if_it_is_whole_code():
    assert [block.text for block in parse_reply(f"why\n```c\n{F}\n").blocks] == [F + "\n"]
    cut_off = "```c\nint f(int x) { return\n"
    assert [block.text for block in parse_reply(f"```c\n{F}\n```\n{cut_off}").blocks] == [F]
    assert len(parse_reply(f"why\n{cut_off}").blocks) == 1  # so that it is refused for what it is


def test_windows_line_ends_are_made_unix():
    text = f"why\r\n\r\n```c\r\nint a;\r\n{F}\r\n```\r\n"
    assert [block.text for block in parse_reply(text).blocks] == [f"int a;\n{F}"]


def test_unlabelled_output_beside_labelled_code_is_left_aside():
    text = f"```c\n{F}\n```\nprints\n```\nresult = 42\n```\n"
    assert [block.text for block in parse_reply(text).blocks] == [F]
    assert [block.text for block in parse_reply(f"```\n{F}\n```\n").blocks] == [F]


def test_the_rationale_is_the_prose():
    text = f"# Idea\nHoist the\nloop.\n\nSecond.\n```c\n{F}\n```\nLater explanation."
    assert parse_reply(text).rationale == "Idea Hoist the loop.\nSecond.\nLater explanation."
    assert parse_reply(f"```c\n{F}\n```\nOnly behind.").rationale == "Only behind."
    long = parse_reply("word " * 1000).rationale
    assert len(long) <= 600
    assert long.endswith("…")
