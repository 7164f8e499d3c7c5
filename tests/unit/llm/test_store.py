"""Stored replies and the counting of tokens."""

import json

from hypothesis import given, settings
from hypothesis import strategies as st

from pesquared.core.proposal import Stage
from pesquared.llm import Prompt, Question, Reply, ReplyStore
from pesquared.llm.tokens import VOCABULARY_FILE, estimate_tokens, vocabulary_is_cached

ANY_TEXT = st.text(st.characters() | st.characters(categories=["Cs"]))
COUNTS = st.integers(0, 10**9)
REPLIES = st.builds(
    Reply, ANY_TEXT, ANY_TEXT, ANY_TEXT, COUNTS, COUNTS, st.floats(0, 1e6), st.booleans(), st.booleans()
)


@settings(max_examples=50, deadline=None)
@given(ANY_TEXT, REPLIES)
def test_a_reply_comes_back_as_it_was(tmp_path_factory, prompt, reply):
    store = ReplyStore(tmp_path_factory.mktemp("store") / "replies")
    question = Question(Prompt(prompt, ""), "f", Stage.OPTIMIZE, 1)
    key = question.key("p")
    assert store.find(key) is None
    store.keep(key, question, reply)
    assert store.find(key) == reply


def test_a_file_that_cannot_be_read_is_no_reply(tmp_path):
    store = ReplyStore(tmp_path)
    reply = Reply("text", "p", "m", 1, 2, 0.0)
    store.keep("ab" * 32, Question(Prompt("prompt", ""), "f", Stage.OPTIMIZE, 1), reply)
    (file,) = tmp_path.rglob("*.json")
    whole = file.read_text()
    assert json.loads(whole)["prompt"] == "prompt\n"
    for broken in (
        "",
        whole[:40],
        "null",
        "[" * 100_000,
        whole.replace("abab", "acac", 1),
        whole.replace('"text"', '"x"'),
    ):
        file.write_text(broken)
        assert store.find("ab" * 32) is None
    file.write_text(whole)
    assert store.find("ab" * 32) == reply
    assert [path.name for path in tmp_path.rglob("*.tmp")] == []


def test_every_part_of_a_question_makes_another_key():
    prompt = Prompt("p", "")
    question = Question(prompt, "t", Stage.OPTIMIZE, 1)
    keys = [
        question.key("a"),
        question.key("b"),
        Question(Prompt("q", ""), "t", Stage.OPTIMIZE, 1).key("a"),
        Question(prompt, "u", Stage.OPTIMIZE, 1).key("a"),
        Question(prompt, "t", Stage.REPAIR, 1).key("a"),
        Question(prompt, "t", Stage.OPTIMIZE, 2).key("a"),
        Question(prompt, "t", Stage.OPTIMIZE, 1, turn=1).key("a"),
        Question(prompt, "t", Stage.OPTIMIZE, 1, so_far="x").key("a"),
    ]
    assert len(set(keys)) == len(keys)
    assert keys[0] == Question(Prompt("p", ""), "t", Stage.OPTIMIZE, 1).key("a")


def test_tokens_are_counted_without_a_download(tmp_path):
    assert not vocabulary_is_cached(tmp_path)
    (tmp_path / VOCABULARY_FILE).write_bytes(b"not the vocabulary")
    assert not vocabulary_is_cached(tmp_path)
    assert (tmp_path / VOCABULARY_FILE).exists()
    assert estimate_tokens("") == 0
    assert 0 < estimate_tokens("int main(void) { return 0; }") < 28
    assert estimate_tokens("\udce9" * 300_000) == 100_000
