"""Who may run without a sandbox, and what the options of ``measure`` stand for."""

import pytest

from pesquared.cli.measure import trusting
from pesquared.cli.opening import Asked, Opened
from pesquared.cli.options import configure
from pesquared.core.measurement import Side
from pesquared.core.quiet import QuietHost
from pesquared.core.stopping import StopRequest
from pesquared.errors import UsageError
from pesquared.sandbox import Choice
from pesquared.sandbox.none import Unconfined
from pesquared.vcs.repository import GitRepository
from pesquared.vcs.workspaces import SlotWorkspaces
from tests.support.git_repos import git, make_repository


@pytest.fixture
def root(tmp_path, monkeypatch):
    monkeypatch.setenv("PESQUARED_STATE_DIR", str(tmp_path / "state"))
    monkeypatch.setenv("PESQUARED_LOCK_DIR", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return make_repository(tmp_path / "code", {"a.c": "int a;\n"})


def without_a_sandbox(root, tmp_path, **options):
    asked = Asked(root, configure(root, options), "command", debug=False, stop=StopRequest())
    repository = GitRepository.open(root)
    with SlotWorkspaces(repository, tmp_path / "slots") as workspaces:
        return Opened(asked, repository, Choice(Unconfined(), "none here"), QuietHost(), "r", tmp_path, workspaces)


def side(root):
    return Side("HEAD", git(root, "rev-parse", "HEAD"))


def test_ones_own_code_runs_and_it_is_said(root, tmp_path):
    assert ["taken for your own" in text for text in trusting(without_a_sandbox(root, tmp_path), side(root))] == [
        True
    ]


def test_what_a_run_proposed_does_not_run_unless_the_user_says_so(root, tmp_path):
    own = side(root)
    git(root, "commit", "-q", "--allow-empty", "-m", "perf: faster\n\nPESquared-Run: r\n")
    with pytest.raises(UsageError, match="none here") as caught:
        list(trusting(without_a_sandbox(root, tmp_path), own, side(root)))
    assert "--unsafe-no-sandbox" in caught.value.fix
    assert list(trusting(without_a_sandbox(root, tmp_path, unsafe_no_sandbox=True), own, side(root)))


def test_sensitive_stands_for_two_settings(root):
    plain, sensitive = (configure(root, {"sensitive": on}).settings.accept for on in (False, True))
    assert (plain.min_gain, plain.target) == (0.005, 0.015)
    assert (sensitive.min_gain, sensitive.target) == (0.0, 0.01)


def test_level_and_pairs_can_be_given(root):
    accept = configure(root, {"alpha": 0.01, "max_pairs": 30, "seed": None}).settings.accept
    assert (accept.alpha, accept.max_pairs) == (0.01, 30)
