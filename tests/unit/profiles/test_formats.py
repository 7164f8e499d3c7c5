"""Which reader a file gets, judged by its content."""

import gzip

import pytest

from pesquared.core.profile import Diagnostic
from pesquared.profiles.formats import FORMATS, recognise
from pesquared.profiles.readers.folded import FoldedReader


def test_every_format_in_the_registry_loads_and_knows_its_name():
    for name in FORMATS:
        assert FORMATS.load(name)().name == name


@pytest.mark.parametrize("content", [b"main;f 3\n", b"", b"garbled first\nmain 3\n", "größe 3\n".encode()])
def test_text_is_read_as_folded_stacks(tmp_path, content):
    file = tmp_path / "anything"
    file.write_bytes(content)
    assert isinstance(recognise(file), FoldedReader)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (gzip.compress(b"\x7fELF\x02\x01\0\0", mtime=0), "no known profile format"),
        (b"\x7fELF\x02\x01\0\0", "no known profile format"),
    ],
)
def test_what_is_no_profile_is_named_with_the_way_out(tmp_path, content, message):
    file = tmp_path / "x.folded"
    file.write_bytes(content)
    found = recognise(file)
    assert isinstance(found, Diagnostic)
    assert found.source == str(file)
    assert message in found.message


def test_a_file_that_cannot_be_read_is_a_diagnostic(tmp_path):
    found = recognise(tmp_path)
    assert isinstance(found, Diagnostic)
    assert "cannot be read" in found.message
