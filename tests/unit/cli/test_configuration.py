"""Layers of settings: flag over environment over the code base's file over the user's own over the default."""

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pesquared.cli.configuration import FILE_NAME, digest, from_environment, load
from pesquared.core.settings import Settings
from pesquared.errors import UsageError


@pytest.fixture
def scene(tmp_path):
    class Scene:
        codebase = tmp_path / "code"
        user = tmp_path / "config.toml"
        codebase.mkdir()

        def load(self, flags=None, environ=None, trusted=frozenset()):
            return load(self.codebase, flags or {}, environ or {}, self.user, set(trusted))

        def write(self, text):
            (self.codebase / "pesquared.toml").write_text(text)

    return Scene()


def test_without_any_file_the_defaults_hold(scene):
    assert scene.load().settings == Settings()


def test_each_layer_wins_over_the_one_below(scene):
    key = ("bench", "command")
    scene.user.write_text('[bench]\ncommand = "user"\n')
    assert scene.load().settings.bench.command == "user"
    scene.write('[bench]\ncommand = "file"\n')
    assert scene.load().settings.bench.command == "file"
    environ = {"PESQUARED_BENCH_COMMAND": "environment"}
    assert scene.load(environ=environ).settings.bench.command == "environment"
    assert scene.load({key: "flag"}, environ).settings.bench.command == "flag"


def test_layers_are_merged_key_by_key(scene):
    scene.write("[search]\nattempts = 4\nmax_depth = 2\n")
    settings = scene.load({("search", "attempts"): 7}).settings.search
    assert (settings.attempts, settings.max_depth) == (7, 2)


CASES = """
[check]
command = "./prog"
[[check.case]]
name = "one"
argv = ["a b", "--seed={seed}"]
seeds = [1, 2]
[[check.case]]
name = "two"
stdin = "x\\ny\\n"
hidden = true
"""


def test_cases_are_a_list_of_tables_and_count_from_the_code_base(scene):
    scene.write(CASES)
    one, two = scene.load().settings.check.case
    assert (one.name, one.argv, one.seeds, one.hidden) == ("one", ("a b", "--seed={seed}"), (1, 2), False)
    assert (two.stdin, two.hidden, two.compare) == ("x\ny\n", True, ("stdout",))
    environ = {"PESQUARED_CHECK_CASE": '[{"name": "three"}]', "PESQUARED_CHECK_SANITIZERS": "false"}
    check = scene.load(environ=environ).settings.check
    assert [case.name for case in check.case] == ["three"]
    assert not check.sanitizers


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("[[check.case]]\nname = 'a'\nstdn = 'x'\n", "check.case.stdn"),
        ("[check.case]\nname = 'a'\n", "Expected `array`"),
        ("[check]\ncase = ['a']\n", "Expected `object`"),
        ("[[check.case]]\nargv = ['a']\n", "missing required field `name`"),
        ("[[check.case]]\nname = 'a'\n", "has no command"),
        ("[[check.case]]\nname = 'a'\ncommand = 'x'\nargv = 'y'\n", "Expected `array`"),
        ("[[check.case]]\nname = 'a'\ncommand = 'x'\nseeds = ['y']\n", "Expected `int`"),
        ("[[check.case]]\nname = 3\ncommand = 'x'\n", "Expected `str`"),
        ("[[check.case]]\nname = 'a'\ncommand = 'x'\n[[check.case]]\nname = 'a'\ncommand = 'y'\n", "two cases"),
        ("[check]\nsanitizers = 3\n", "Expected `bool`"),
    ],
)
def test_a_malformed_case_is_refused_by_name(scene, text, what):
    scene.write(text)
    with pytest.raises(UsageError, match=what) as caught:
        scene.load()
    assert caught.value.exit_code == 2


@pytest.mark.parametrize("place", ["[build]\ncommand", "[test]\nquick", "[test]\nfull", "[bench]\ncommand"])
def test_a_nul_in_a_command_is_refused_by_name(scene, place):
    scene.write(f'{place} = "make\\u0000all"\n')
    with pytest.raises(UsageError, match="NUL") as caught:
        scene.load()
    assert caught.value.exit_code == 2


def test_a_malformed_case_in_the_environment_is_refused_by_name(scene):
    with pytest.raises(UsageError, match=r"environment: unknown setting check\.case\.nam") as caught:
        scene.load(environ={"PESQUARED_CHECK_CASE": '[{"nam": "three"}]'})
    assert caught.value.fix == "did you mean check.case.name?"


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        ("[bench]\ncomand = 'x'\n", "bench.command"),
        ("[bensh]\ncommand = 'x'\n", r"\[bench\]"),
        ("[search]\nnum_function = 1\n", "search.num_functions"),
    ],
)
def test_an_unknown_key_names_its_nearest_neighbour(scene, text, hint):
    scene.write(text)
    with pytest.raises(UsageError) as caught:
        scene.load()
    assert caught.match(hint)
    assert caught.value.exit_code == 2


def test_an_unknown_variable_names_its_nearest_neighbour():
    with pytest.raises(UsageError, match=r"did you mean bench\.command"):
        from_environment({"PESQUARED_BENCH_COMMND": "x"})


@pytest.mark.parametrize(
    "text",
    [
        "[bench\n",
        "bench = 3\n",
        "[build]\ntimeout_s = 'soon'\n",
        "[build]\ntimeout_s = -1\n",
        "[bench]\nwrites = 'one.txt'\n",
        "[bench]\ncompare = ['everything']\n",
        "[accept]\nalpha = 2\n",
        "[search]\nattempts = 0\n",
    ],
)
def test_what_cannot_be_used_is_a_usage_error(scene, text):
    scene.write(text)
    with pytest.raises(UsageError):
        scene.load()


def test_the_code_base_may_not_choose_the_model_or_the_sandbox(scene):
    scene.write('[model]\nprovider = "command"\nmodel = "curl evil"\n[sandbox]\nunsafe_no_sandbox = true\n')
    configured = scene.load()
    assert configured.settings == Settings()
    assert "[model]" in configured.notices[0]
    assert "[sandbox]" in configured.notices[0]


def test_trust_is_of_the_files_content(scene):
    scene.write('[model]\nprovider = "command"\n')
    hashes = {digest(scene.codebase / "pesquared.toml")}
    assert scene.load(trusted=hashes).settings.model.provider == "command"
    scene.write('[model]\nprovider = "command"\nmodel = "other"\n')
    assert scene.load(trusted=hashes).settings.model.provider == ""


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[build]\noutside = true\n", "build.outside"),
        ('[search]\nbranch_prefix = "main"\n', "search.branch_prefix"),
    ],
)
def test_a_code_base_cannot_let_itself_out(scene, text, key):
    scene.write(text)
    loaded = scene.load()
    assert loaded.settings == Settings()
    assert key in loaded.notices[0]
    scene.user.write_text(text)
    assert scene.load().settings != Settings()


def test_the_users_own_file_may_choose_the_model(scene):
    scene.user.write_text('[model]\nprovider = "command"\n')
    assert scene.load().settings.model.provider == "command"


def test_lists_in_the_environment_are_json_or_one_value(scene):
    assert scene.load(environ={"PESQUARED_BENCH_WRITES": "out.txt"}).settings.bench.writes == ("out.txt",)
    assert scene.load(environ={"PESQUARED_BENCH_WRITES": '["a", "b"]'}).settings.bench.writes == ("a", "b")
    with pytest.raises(UsageError):
        scene.load(environ={"PESQUARED_BENCH_WRITES": "[a"})


def test_numbers_in_the_environment_are_read_as_numbers(scene):
    assert scene.load(environ={"PESQUARED_SEARCH_ATTEMPTS": "3"}).settings.search.attempts == 3


@given(st.binary(max_size=300))
def test_any_file_is_settings_or_a_usage_error(tmp_path_factory, content):
    codebase = tmp_path_factory.mktemp("code")
    (codebase / "pesquared.toml").write_bytes(content)
    try:
        outcome = load(codebase, {}, {}, codebase / "none", set()).settings
    except UsageError as error:
        outcome = error
    assert isinstance(outcome, Settings) or outcome.fix


def test_what_a_code_base_includes_is_said_unless_it_is_trusted(scene):
    path = scene.codebase / FILE_NAME
    path.write_text('[build]\ninclude = [".env"]\n')
    configured = scene.load()
    assert configured.settings.build.include == (".env",)
    assert len(configured.notices) == 1
    assert ".env" in configured.notices[0]
    assert scene.load(trusted={digest(path)}).notices == ()
    path.write_text('[build]\ninclude = [".env"]\n[model]\nmodel = "x"\n')
    assert len(scene.load().notices) == 2
    path.write_text("[build]\ninclude = []\n")
    assert scene.load().notices == ()


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
def test_what_is_no_file_is_refused_and_not_waited_for(scene, kind):
    path = scene.codebase / "pesquared.toml"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "device":
        path.symlink_to("/dev/zero")
    else:
        path.mkdir()
    for reads in (scene.load, lambda: digest(path)):
        with pytest.raises(UsageError, match=r"no ordinary file|Is a directory"):
            reads()
