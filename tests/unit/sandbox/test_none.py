"""The tier that confines nothing says so, and cleans the environment all the same."""

from pesquared.core.running import Command
from pesquared.sandbox.none import Unconfined


def test_says_what_it_is(unconfined):
    assert (unconfined.tier, unconfined.confines, unconfined.read_only_trees) == ("none", False, False)
    assert unconfined.owner is None


def test_path_and_home_come_from_the_user_and_nothing_else(tree):
    sandbox = Unconfined.with_tools_of({"PATH": "/usr/bin:/bin", "HOME": "/some/home", "SOME_API_KEY": "canary"})
    shown = sandbox.run(Command(("env",), tree, tree)).stdout.decode().splitlines()
    assert "PATH=/usr/bin:/bin" in shown
    assert "HOME=/some/home" in shown
    assert {line.partition("=")[0] for line in shown} <= {
        "PATH",
        "HOME",
        "LANG",
        "TMPDIR",
        "PWD",
        "OLDPWD",
        "SHLVL",
        "_",
    }


def test_an_environment_without_path_and_home_will_do(tree):
    assert Unconfined.with_tools_of({}).run(Command(("true",), tree, tree)).ok
