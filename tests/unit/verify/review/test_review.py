"""Real compilers on real trees; only what they say of the change is looked at."""

import shutil

import pytest

from pesquared.core.protocols import Slot
from pesquared.core.verdict import Finding
from pesquared.sandbox.none import Unconfined
from pesquared.source import DependencyExtractor
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from pesquared.verify.review import Subject, review
from pesquared.verify.review.layouts import changed_layouts
from pesquared.verify.review.size import program_sizes
from pesquared.verify.review.symbols import exported_symbols
from pesquared.verify.review.warnings import new_warnings
from tests.support.git_repos import git, make_repository, write_files

UNIT = """\
#include "shape.h"
int twice(struct shape *s) { return 2 * s->width; }
"""
HEADER = "struct shape { int width; int height; };\nint twice(struct shape *s);\n"
MAKEFILE = "lib.so: unit.c shape.h\n\tcc -O1 -shared -fPIC -o lib.so unit.c\n"


@pytest.fixture
def change(tmp_path):
    """Makes a subject: the code base as it was, and with some files replaced; the program is built in both slots."""
    opened = []

    def make(*, build=False, **replaced):
        root = make_repository(tmp_path / "code", {"unit.c": UNIT, "shape.h": HEADER, "Makefile": MAKEFILE})
        repository = GitRepository.open(root)
        workspaces = SlotWorkspaces(repository, tmp_path / "slots")
        opened.append(workspaces)
        files = {name.replace("__", "."): text for name, text in replaced.items()}
        workspaces.place(Slot.BASELINE, git(root, "rev-parse", "HEAD"))
        write_files(root, files)
        git(root, "commit", "-qam", "change")
        workspaces.place(Slot.CANDIDATE, git(root, "rev-parse", "HEAD"))
        workspaces.activate(Slot.BASELINE)
        sandbox = Unconfined()
        subject = Subject(
            workspaces,
            sandbox,
            DependencyExtractor.for_codebase(workspaces.codebase).index,
            tuple(files),
            ("lib.so",) if build else (),
        )
        if build:
            for slot in (Slot.BASELINE, Slot.CANDIDATE):
                assert subject.run(slot, "make").ok
        return subject

    yield make
    for workspaces in opened:
        workspaces.close()


def concerns(findings):
    return [finding.text for finding in findings if finding.concern]


def test_a_new_warning_is_named_with_its_place_and_an_old_one_is_not(change):
    unused = UNIT.replace("{ return", "{ int left_over; return")
    found = concerns(new_warnings(change(unit__c="\n" + unused)))
    assert found
    assert all("unit.c:3" in text and "left_over" in text for text in found)


def test_warnings_that_were_there_before_are_not_new_though_their_lines_move(tmp_path, change):
    subject = change(unit__c="\n\n" + UNIT)
    (finding,) = new_warnings(subject)
    assert not finding.concern
    assert "none new" in finding.text


def test_a_unit_that_does_not_compile_alone_is_said(change):
    texts = [finding.text for finding in new_warnings(change(unit__c='#include "made-by-the-build.h"\n' + UNIT))]
    assert texts
    assert all("does not compile unit.c by itself" in text for text in texts)


def test_symbols_that_go_or_come(change):
    found = concerns(exported_symbols(change(unit__c=UNIT.replace("twice", "double_of") + "int spare;\n")))
    assert any("no longer defined: twice" in text for text in found)
    assert any("new: double_of, spare" in text for text in found)


def test_a_static_helper_is_no_new_symbol(change):
    code = "static int two(void) { return 2; }\n" + UNIT.replace("2 *", "two() *")
    (finding,) = exported_symbols(change(unit__c=code))
    assert finding == Finding("symbols", "the same external symbols")


def test_a_record_that_changes_its_layout_is_shown_before_and_after(change):
    (finding,) = changed_layouts(change(shape__h=HEADER.replace("int height", "long height")))
    assert finding.concern
    assert "shape.h: struct shape was 8 bytes" in finding.text
    assert "now 16 bytes" in finding.text


def test_records_as_before_are_said_to_be_so(change):
    (finding,) = changed_layouts(change(shape__h="/* of things */\n" + HEADER))
    assert finding == Finding("abi", "the record type of the edited files as before")


def test_the_size_of_a_program_before_and_after(change):
    table = UNIT + "int primes[5000] = {2, 3, 5, 7};\n"
    (finding,) = program_sizes(change(build=True, unit__c=table))
    assert finding.concern
    assert finding.text.startswith("lib.so: ")
    before, after = (int(word) for word in finding.text.split() if word.isdecimal())
    assert after - before >= 4 * 5000


def test_a_review_that_cannot_be_made_says_so_and_the_others_go_on(change):
    subject = change(unit__c="\n" + UNIT)
    shutil.rmtree(subject.workspaces.tree)  # of the baseline
    subject.workspaces.close()

    class Told:
        texts: list[str] = []

        def notify(self, event):
            self.texts.append(event.text)

    findings = review(subject, Told())
    assert {finding.topic for finding in findings} == {"warnings", "symbols", "abi"}
    assert all("could not be looked at" in finding.text for finding in findings)
    assert Told.texts == ["looking at what a maintainer would check"]
