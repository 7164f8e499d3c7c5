"""Hot functions as text, as JSON and as Markdown within a budget."""

import json

from pesquared.core.hot import HotFunction, HotReport, SourceLine
from pesquared.core.profile import CallChain, Hotspot, LineWeight
from pesquared.reporters.hot_markdown import hot_markdown
from pesquared.reporters.hotspots import chain_text, hotspots_document, hotspots_text


def hot(name: str, share: float, **more) -> HotFunction:
    chain = CallChain(("main", name), share * 100, share)
    return HotFunction(Hotspot(name, share * 100, share * 100, share, share, (chain,)), **more)


def report(*functions: HotFunction, **more) -> HotReport:
    return HotReport(100.0, functions, len(functions), sum(f.hotspot.self_share for f in functions), **more)


SOURCE = tuple(SourceLine(10 + n, f"line {n}", 0.25 if n == 50 else 0.0) for n in range(100))


def test_the_table_names_place_shares_ceiling_and_chain():
    text = hotspots_text(report(hot("f", 0.2, place="a.c:3"), codebase="demo"))
    row = next(line for line in text.splitlines() if line.startswith("1"))
    assert row.split() == ["1", "f", "a.c:3", "20.0", "%", "20.0", "%", "1.25×", "main", "→", "f"]


def test_a_function_that_is_all_there_is_has_no_ceiling():
    assert hot("f", 1.0).speed_up is None
    assert "∞×" in hotspots_text(report(hot("f", 1.0)))


def test_chains_on_demand_and_notes():
    one = report(hot("f", 0.5), left_out=("x:3: bad",), exact_chains=False)
    assert "main → f" in hotspots_text(one, chains=True).split("#1 f")[1]
    assert "x:3: bad" in hotspots_text(one)
    assert "at least" in hotspots_text(one)
    assert "no function" in hotspots_text(report())


def test_a_wide_chain_loses_its_middle():
    chain = CallChain(("root", *(f"function{n}" for n in range(9)), "leaf"), 1, 1)
    text = chain_text(chain, 40)
    assert len(text) <= 40
    assert text.startswith("root → … → ")
    assert text.endswith("→ leaf")
    assert len(chain_text(CallChain(("x" * 99,), 1, 1), 40)) == 40


def test_foreign_names_do_not_steer_the_terminal():
    text = hotspots_text(report(hot("\x1b[31mf", 0.5)), chains=True)
    assert "\x1b" not in text


def test_the_document_is_json():
    one = hot("f", 0.2, place="a.c:3", lines=(LineWeight("a.c", 4, 20, 0.2),))
    document = json.loads(json.dumps(hotspots_document(report(one))))
    (function,) = document["functions"]
    assert function["speed_up"] == 1.25
    assert function["chains"] == [{"frames": ["main", "f"], "weight": 20.0, "share": 0.2}]
    assert function["lines"] == [{"file": "a.c", "line": 4, "weight": 20, "share": 0.2}]


def test_markdown_shows_the_lines_that_take_time_of_a_long_function():
    text = hot_markdown(report(hot("f", 0.25, place="a.c:10", source=SOURCE)), lambda _: True)
    assert "25.0 %    60  line 50" in text
    assert "line 48" in text
    assert "line 40\n" not in text
    assert "…" in text


def test_markdown_stops_where_the_budget_does_and_says_so():
    functions = report(*(hot(f"f{n}", 0.1, source=SOURCE[:20]) for n in range(5)))
    whole = hot_markdown(functions, lambda _: True)
    cut = hot_markdown(functions, lambda text: len(text) < len(whole) // 2)
    assert cut.startswith("# Profile")
    assert len(cut) < len(whole) // 2 + 80
    assert "blocks were left out" in cut
    assert "# Profile" in hot_markdown(functions, lambda _: False)


def test_source_cannot_leave_its_block():
    lines = (SourceLine(1, "```` not the end", 0.1),)
    text = hot_markdown(report(hot("a|b`c", 0.1, source=lines)), lambda _: True)
    assert "\n`````\n" in text
    assert "| `a¦b'c` |" in text


def test_lines_without_source_are_listed():
    text = hot_markdown(report(hot("f", 0.1, lines=(LineWeight("m.py", 7, 10, 0.1),))), lambda _: True)
    assert "- 10.0 %: m.py:7" in text


def test_what_is_one_piece_of_source_is_shown_once_with_the_shares_of_all():
    def lines(*shares: float) -> tuple[SourceLine, ...]:
        return tuple(SourceLine(number, "text", share) for number, share in enumerate(shares, 1))

    around = hot("f", 0.5, place="a.c:1", source=lines(0.25, 0.0, 0.75))
    inner = hot("f::{lambda()#1}", 0.3, place="a.c:1", source=lines(0.0, 0.125, 0.75))
    text = hot_markdown(report(around, inner), lambda _: True)
    assert text.count("## Source of") == 1
    assert [row.split()[:3] for row in text.splitlines() if row.endswith("  text")] == [
        ["25.0", "%", "1"], ["12.5", "%", "2"], ["100.0", "%", "3"],
    ]  # fmt: skip
