"""What a folder can hold besides good files, and how a workspace is found."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kputui.config import find_folder, load, read, stamp
from kputui.config.read import MAX_BYTES, MAX_FILES
from kputui.errors import ConfigError, ExitCode

if TYPE_CHECKING:
    from collections.abc import Callable

GOAL = "[goals.loyal]\n"


def test_a_missing_folder_points_at_init_and_demo(tmp_path: Path) -> None:
    """Who has no workspace yet is told the two commands that make one."""
    (problem,) = read(tmp_path / "nowhere").problems
    assert problem.code == "C01"
    assert "nowhere" in problem.message
    assert "init" in problem.hint
    assert "demo" in problem.hint


def test_a_file_instead_of_a_folder_is_said(tmp_path: Path) -> None:
    """A file given as workspace is called what it is."""
    file = tmp_path / "goals.toml"
    file.write_text(GOAL)
    (problem,) = read(file).problems
    assert (problem.code, "not a folder" in problem.message) == ("C01", True)


@pytest.mark.parametrize("name", ["x\0y", "y" * 5_000])
def test_an_impossible_folder_name_is_a_problem(name: str) -> None:
    """A folder name that no system can have is a problem, not a crash."""
    (problem,) = read(Path(name)).problems
    assert problem.code == "C01"


def test_an_empty_folder_has_no_goals(tmp_path: Path) -> None:
    """An empty workspace says that it has no goals, and what to do."""
    (problem,) = read(tmp_path).problems
    assert (problem.code, problem.place) == ("C02", None)
    assert "init" in problem.hint


def test_an_empty_file_has_no_goals(write: Callable[..., Path]) -> None:
    """A workspace of an empty file says the same."""
    (problem,) = read(write("")).problems
    assert problem.code == "C02"


def test_load_raises_all_problems(write: Callable[..., Path]) -> None:
    """`load` raises one error that holds every problem and the exit code 2."""
    with pytest.raises(ConfigError) as caught:
        load(write('[goals.a]\ntarget = "x"\nlable = "y"\n'))
    assert len(caught.value.problems) == 2
    assert caught.value.exit_code is ExitCode.USAGE


def test_state_and_hidden_files_are_not_configuration(write: Callable[..., Path]) -> None:
    """What the program writes below state/, subfolders, and editors' hidden files are not read."""
    folder = write(GOAL)
    (folder / "state").mkdir()
    (folder / "state" / "accountability.toml").write_text("nonsense")
    (folder / ".#goals.toml").write_text("nonsense")
    (folder / "notes.txt").write_text("nonsense")
    assert read(folder).problems == ()


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes in folders")
def test_a_pipe_is_refused_at_once(write: Callable[..., Path]) -> None:
    """A pipe named like a file is refused without waiting for a writer."""
    folder = write(GOAL)
    os.mkfifo(folder / "pipe.toml")
    (problem,) = read(folder).problems
    assert (problem.code, "not a regular file" in problem.message) == ("C03", True)


def test_a_folder_named_like_a_file_is_refused(write: Callable[..., Path]) -> None:
    """A folder named x.toml is a problem of its own, with the other files still read."""
    folder = write(GOAL + 'lable = "x"\n')
    (folder / "x.toml").mkdir()
    assert [problem.code for problem in read(folder).problems] == ["C10", "C03"]


def test_a_link_out_of_the_folder_is_refused(write: Callable[..., Path], tmp_path: Path) -> None:
    """A link to a file elsewhere is not followed, unless its folder is an allowed root."""
    folder = write(GOAL)
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.toml").write_text('[goals.secret]\nlabel = "secret"\n')
    (folder / "link.toml").symlink_to(tmp_path / "elsewhere" / "secret.toml")
    (problem,) = read(folder).problems
    assert (problem.code, "outside" in problem.message) == ("C03", True)
    allowed = read(folder, allowed_roots=(tmp_path / "elsewhere",))
    assert allowed.workspace is not None
    assert list(allowed.workspace.goals) == ["loyal", "secret"]


def test_links_within_the_folder_and_to_the_folder_are_followed(write: Callable[..., Path], tmp_path: Path) -> None:
    """A workspace reached through a link, or made of links into itself, is read."""
    folder = write(kputui="[project]\n")
    (folder / "parts").mkdir()
    (folder / "parts" / "goals").write_text(GOAL)
    (folder / "goals.toml").symlink_to(Path("parts") / "goals")
    (tmp_path / "door").symlink_to(folder)
    assert read(tmp_path / "door").problems == ()


def test_a_link_that_leads_nowhere_or_in_a_circle_is_a_problem(write: Callable[..., Path]) -> None:
    """Broken and circular links are named, not followed for ever."""
    folder = write(GOAL)
    (folder / "gone.toml").symlink_to("nothing-here")
    (folder / "round.toml").symlink_to("round.toml")
    assert [problem.code for problem in read(folder).problems] == ["C03", "C03"]


def test_a_file_that_vanishes_between_listing_and_reading_is_a_problem(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file deleted while the folder is read is reported; nothing crashes."""
    folder = write(GOAL)
    module = sys.modules["kputui.config.read"]
    monkeypatch.setattr(module, "toml_names", lambda _folder: ["kputui.toml", "vanished.toml"])
    (problem,) = read(folder).problems
    assert (problem.code, "vanished" in problem.message) == ("C03", True)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_named(write: Callable[..., Path]) -> None:
    """A file without read permission is named with the system's reason."""
    folder = write(GOAL)
    (folder / "kputui.toml").chmod(0)
    (problem,) = read(folder).problems
    assert (problem.code, "permission" in problem.message) == ("C03", True)


def test_a_file_beyond_the_cap_is_refused_unread(write: Callable[..., Path]) -> None:
    """A file larger than 4 MiB is refused by its size."""
    folder = write(GOAL, big="#" * (MAX_BYTES + 1))
    (problem,) = read(folder).problems
    assert (problem.code, "4 MiB" in problem.message) == ("C04", True)


def test_files_beyond_the_cap_together_are_refused(write: Callable[..., Path]) -> None:
    """Many files may not be larger together than one may be."""
    half = "#" * (MAX_BYTES // 2)
    folder = write(a=GOAL, b=half, c=half)
    (problem,) = read(folder).problems
    assert (problem.code, "together" in problem.message) == ("C04", True)


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    """A folder with thousands of TOML files is no workspace."""
    for index in range(MAX_FILES + 1):
        (tmp_path / f"{index}.toml").touch()
    assert [problem.code for problem in read(tmp_path).problems] == ["C04"]


def test_the_nearest_config_folder_wins(tmp_path: Path) -> None:
    """`./config` is the workspace, else the folder upwards that has a kputui.toml, else none."""
    deep = tmp_path / "a" / "b"
    deep.mkdir(parents=True)
    assert find_folder(deep) is None
    (tmp_path / "kputui.toml").write_text(GOAL)
    assert find_folder(deep) == tmp_path
    (deep / "config").mkdir()
    assert find_folder(deep) == tmp_path
    (deep / "config" / "kputui.toml").write_text(GOAL)
    assert find_folder(deep) == deep / "config"


def test_a_config_folder_of_other_files_will_do(tmp_path: Path) -> None:
    """A `config` folder whose files have other names is taken when nothing nearer is there."""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "goals.toml").write_text(GOAL)
    assert find_folder(tmp_path) == tmp_path / "config"


def test_the_stamp_changes_with_the_files(write: Callable[..., Path]) -> None:
    """Editing, adding and deleting a file each change the stamp; a missing folder has an empty one."""
    folder = write(GOAL)
    seen = {stamp(folder)}
    write(GOAL + "# more\n")
    seen.add(stamp(folder))
    write(other="[project]\n")
    seen.add(stamp(folder))
    (folder / "kputui.toml").unlink()
    seen.add(stamp(folder))
    assert len(seen) == 4
    assert stamp(folder / "nowhere") == ()
