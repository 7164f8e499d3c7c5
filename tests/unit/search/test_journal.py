"""The journal: what was seen is on disk, in order; a failure is said once."""

import json
import sqlite3

import pytest

from pesquared.core.events import Notice, PairMeasured
from pesquared.errors import PesquaredError
from pesquared.search.journal import Journal


def rows(path):
    with sqlite3.connect(path) as database:
        return database.execute("select kind, body from event order by id").fetchall()


def test_events_are_there_as_soon_as_they_were_told(tmp_path):
    path = tmp_path / "journal.db"
    with Journal(path) as journal:
        journal.notify(Notice("first"))
        journal.notify(PairMeasured("screen", 1, 40, 0.02, 0.01, None))
        seen = rows(path)
    assert [kind for kind, _ in seen] == ["Notice", "PairMeasured"]
    assert json.loads(seen[1][1])["candidate"] == 0.01


def test_a_journal_that_cannot_be_written_is_said_once(tmp_path):
    journal = Journal(tmp_path / "journal.db")
    with sqlite3.connect(tmp_path / "journal.db") as database:
        database.execute("drop table event")
    with pytest.raises(PesquaredError, match="journal"):
        journal.notify(Notice("lost"))
    journal.notify(Notice("not written either, and not an error again"))
    assert sqlite3.connect(tmp_path / "journal.db").execute("select * from sqlite_master").fetchall() == []
