"""The user's own settings: the only file that lets data be read from elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from kputui.engine.remote import Remote
from kputui.errors import ConfigError, UsageError
from kputui.session.open import open_workspace
from kputui.session.settings import Settings, read_settings, remote_files, settings_file

WORKSPACE = """
[sources.orders]
path = "s3://acme/orders/*.parquet"
time = "day"

[goals.g]
label = "Sell"
"""


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    """A settings file."""
    path = folder / "settings.toml"
    path.write_text(text, encoding="utf-8")
    path.chmod(mode)
    return path


def test_settings_are_read(tmp_path: Path) -> None:
    """Folders and URLs that are allowed, and how often these are looked at."""
    path = written(tmp_path, 'allow_root = ["/srv"]\nallow_remote = ["s3://acme/", "https://h"]\nremote_every = 30\n')
    assert read_settings(path) == Settings((Path("/srv").resolve(),), ("s3://acme/", "https://h"), 30)


def test_no_file_allows_nothing(tmp_path: Path) -> None:
    """Without a file nothing beyond the workspace is read."""
    assert read_settings(tmp_path / "settings.toml") == Settings()
    assert remote_files((), tmp_path) is None


def test_settings_lie_in_the_users_own_folder() -> None:
    """The file's place comes from the user's environment."""
    assert settings_file({"XDG_CONFIG_HOME": "/c"}) == Path("/c/kputui/settings.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("allow_remot = []", "unknown key"),
        ('allow_remote = "s3://b/"', "list of texts"),
        ('allow_remote = ["s3://"]', "URL"),
        ('allow_remote = ["s3://b/*.csv"]', "wildcard"),
        ('allow_remote = ["https://user:key@h/"]', "password"),
        ('allow_root = ["data"]', "allow_root"),
        ("remote_every = 0", "seconds"),
        ("remote_every = true", "seconds"),
        ("remote_every = nan", "seconds"),
        ("a = ", "TOML"),
        ("#" * 70_000, "larger"),
    ],
)
def test_wrong_settings_are_told(tmp_path: Path, text: str, said: str) -> None:
    """A slip in the settings stops the program with the file and the key, and allows nothing."""
    with pytest.raises(UsageError, match=said):
        read_settings(written(tmp_path, text))


@pytest.mark.parametrize("mode", [0o620, 0o602, 0o666])
def test_settings_that_others_can_change_are_refused(tmp_path: Path, mode: int) -> None:
    """Leave that somebody else could have given is none."""
    with pytest.raises(UsageError, match="changed by others"):
        read_settings(written(tmp_path, 'allow_remote = ["s3://acme/"]', mode))


def test_settings_that_are_no_file_are_refused(tmp_path: Path) -> None:
    """A pipe or a folder in the file's place does not hang the start."""
    os.mkfifo(tmp_path / "settings.toml")
    with pytest.raises(UsageError, match="not a regular file"):
        read_settings(tmp_path / "settings.toml")


def test_a_workspace_gives_itself_no_leave(tmp_path: Path) -> None:
    """A URL in a workspace is an error that says how the user can allow it; a settings file inside it counts not."""
    (tmp_path / "kputui.toml").write_text(WORKSPACE, encoding="utf-8")
    for remote in (None, Remote(("s3://other/",)), Remote(("s3://acme/orders-old/",))):
        with pytest.raises(ConfigError) as raised:
            open_workspace(tmp_path, remote=remote)
        (problem,) = [one for one in raised.value.problems if one.code == "C24"]
        assert "--allow-remote s3://acme/orders/" in problem.hint
    assert open_workspace(tmp_path, remote=Remote(("s3://acme/",))).workspace.sources
    written(tmp_path, 'allow_remote = ["s3://acme/"]')
    with pytest.raises(ConfigError) as raised:
        open_workspace(tmp_path)
    assert {one.code for one in raised.value.problems} & {"C24", "C10"}
