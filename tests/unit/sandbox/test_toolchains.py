"""Only folders known to hold tools are found, never a home or the private places in it."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from pesquared.sandbox.toolchains import SYSTEM_PATH, find_toolchains


def _home(tmp_path: Path, *folders: str) -> str:
    for folder in folders:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    return str(tmp_path)


def test_system_folders_need_nothing():
    found = find_toolchains({"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": "/root"})
    assert (found.folders, found.path) == ((), ":".join(SYSTEM_PATH))


def test_pyenv_and_cargo_in_the_order_of_path(tmp_path):
    home = _home(tmp_path, ".pyenv/shims", ".cargo/bin", ".rustup")
    path = f"{home}/.pyenv/shims:/usr/bin:{home}/.cargo/bin/:{home}/.cargo/bin"
    found = find_toolchains({"PATH": path, "HOME": home})
    assert found.folders == (f"{home}/.pyenv", f"{home}/.cargo/bin", f"{home}/.rustup")
    assert found.path == f"{home}/.pyenv/shims:{home}/.cargo/bin:" + ":".join(SYSTEM_PATH)
    assert found.env == {"RUSTUP_HOME": f"{home}/.rustup"}


def test_conda_by_its_prefix(tmp_path):
    home = _home(tmp_path, "miniconda3/envs/fast/bin")
    prefix = f"{home}/miniconda3/envs/fast"
    assert find_toolchains({"PATH": f"{prefix}/bin", "HOME": home, "CONDA_PREFIX": prefix}).folders == (prefix,)


def test_a_prefix_that_would_show_the_home_is_ignored(tmp_path):
    home = _home(tmp_path / "user", "bin", ".local/bin", ".config/bin", ".ssh")
    for prefix in (home, str(tmp_path), "/", f"{home}/.local", f"{home}/.config", f"{home}/.local/bin"):
        path = f"{home}/bin:{home}/.local/bin:{home}/.config/bin:{home}/.ssh:{home}"
        assert find_toolchains({"PATH": path, "HOME": home, "CONDA_PREFIX": prefix}).folders == ()


def test_a_prefix_that_reaches_the_home_by_a_link_is_ignored(tmp_path):
    home = _home(tmp_path / "user", "bin")
    (tmp_path / "conda").symlink_to(home)
    environ = {"PATH": f"{tmp_path}/conda/bin", "HOME": home, "CONDA_PREFIX": f"{tmp_path}/conda"}
    assert find_toolchains(environ).folders == ()


def test_dots_in_a_path_do_not_smuggle_anything_in(tmp_path):
    home = _home(tmp_path, ".pyenv/shims", ".ssh")
    assert find_toolchains({"PATH": f"{home}/.pyenv/shims/../../.ssh", "HOME": home}).folders == ()


@given(st.text(alphabet="/.:abpyenv\0~ ", max_size=60), st.text(alphabet="/.a", max_size=10))
def test_any_path_is_survived(path, home):
    found = find_toolchains({"PATH": path, "HOME": home, "CONDA_PREFIX": home})
    assert all(Path(folder).is_absolute() for folder in found.folders)


def test_tools_in_known_folders_of_a_home_are_found(tmp_path):
    places = (
        ".nvm/versions/node/v22/bin",
        ".asdf/shims",
        ".local/share/mise/shims",
        ".sdkman/candidates/java/bin",
    )
    home = _home(tmp_path, *places, ".ghcup/bin")
    found = find_toolchains(
        {"PATH": ":".join(f"{home}/{place}" for place in (*places, ".ghcup/bin")), "HOME": home}
    )
    roots = (".nvm/versions", ".asdf", ".local/share/mise", ".sdkman/candidates", ".ghcup")
    assert found.folders == tuple(f"{home}/{root}" for root in roots)


def test_a_known_folder_that_is_a_link_to_the_home_is_ignored(tmp_path):
    home = _home(tmp_path / "user", "shims")
    (tmp_path / "user" / ".asdf").symlink_to(home)
    assert find_toolchains({"PATH": f"{home}/.asdf/shims", "HOME": home}).folders == ()


def test_only_what_everybody_may_enter_is_left_for_another_user(tmp_path):
    home = _home(tmp_path, ".pyenv/shims")
    found = find_toolchains({"PATH": f"{home}/.pyenv/shims", "HOME": home})
    (tmp_path / ".pyenv").chmod(0o700)
    assert found.folders
    assert found.entered_by_all().folders == ()


def test_what_cannot_be_looked_at_is_passed_over(tmp_path):
    home = _home(tmp_path, ".pyenv/shims", ".cargo/bin")
    (tmp_path / ".rustup").symlink_to("x" * 300)  # even root cannot look at it, as others not into a closed folder
    path = f"{home}/{'x' * 300}:{home}/.cargo/bin:{home}/.pyenv/shims"
    assert find_toolchains({"PATH": path, "HOME": home}).folders == (f"{home}/.cargo/bin", f"{home}/.pyenv")
