"""Directories of file systems that cannot be meant."""

import json
import os
import subprocess

import pytest

from .conftest import needs_root
from support.file_systems import OTHER_SYSTEM, FileSite


def refusal(site):
    """What a start that fails says."""
    done = subprocess.run(site.sallyport.command(), capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    return done.stderr


@pytest.mark.parametrize("path, why", [
    ("/", "is the root of this machine"), ("{0}", "holds the data folder"), ("{0}/data", "is the data folder"),
    ("{0}/data/spool", "lies inside the data folder"), ("{0}/link/..", "holds the data folder")])
def test_a_directory_that_would_show_the_data_folder_is_refused_at_the_start(binary, tmp_path, path, why):
    site = FileSite(binary, tmp_path)
    (tmp_path / "aside").mkdir()
    os.symlink(tmp_path / "aside", tmp_path / "link")
    path = path.format(tmp_path)
    config = tmp_path / "sallyport.toml"
    config.write_text(config.read_text().replace(str(site.other), path))
    assert f"setting 'file_systems.{OTHER_SYSTEM}.path': {path} {why}; give it a directory of its own" in refusal(site)


@needs_root
@pytest.mark.parametrize("shown, point, path, why", [
    ("data/spool", "shown", "shown", "lies inside the data folder"),
    ("data/spool", "shown", "shown/in", "lies inside the data folder"),
    ("aside/kept", "data", "aside", "holds the data folder"), ("data", "aside/kept", "aside", "holds the data folder"),
    ("data/spool", "aside/kept", "aside", "holds the data folder"), (".", "aside/kept", "aside", "holds the data folder")])
def test_a_mount_does_not_hide_the_data_folder(binary, tmp_path, shown, point, path, why):
    for folder in ("data/spool/in", "aside/kept", "shown"):
        (tmp_path / folder).mkdir(parents=True)
    site, path = FileSite(binary, tmp_path), tmp_path / path
    config = tmp_path / "sallyport.toml"
    config.write_text(config.read_text().replace(str(site.other), str(path)))
    if subprocess.run(["mount", "--bind", tmp_path / shown, tmp_path / point], capture_output=True).returncode != 0:
        pytest.skip("mounting is not permitted here")
    try:
        assert f"setting 'file_systems.{OTHER_SYSTEM}.path': {path} {why}; give it" in refusal(site)
    finally:
        subprocess.run(["umount", "-l", tmp_path / point], check=True)


@needs_root
def test_the_doctor_names_a_directory_that_became_the_data_folder(binary, tmp_path):
    with FileSite(binary, tmp_path) as site:
        if subprocess.run(["mount", "--bind", tmp_path / "data", site.other], capture_output=True).returncode != 0:
            pytest.skip("mounting is not permitted here")
        try:
            told = json.loads(subprocess.run(
                [binary, "doctor", "--json", "--api", site.sallyport.api_url], env=site.sallyport.environment(),
                capture_output=True, text=True, timeout=120).stdout)
        finally:
            subprocess.run(["umount", "-l", site.other], check=True)
    assert [one["Text"] for one in told["Findings"] if one["Level"] == "problem" and one["Subject"] == OTHER_SYSTEM] == [
        f"its directory {site.other} is the data folder: clients could reach the program's secrets"]
