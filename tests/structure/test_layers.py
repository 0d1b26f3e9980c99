"""The folders of src/ include only folders above them in the list of docs/architecture.md."""

import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent

# Lowest first; folders of one row do not include each other, save where `MAY` says so.
ROWS = [["base"], ["codec", "crypto", "config"], ["net"], ["http"], ["model"], ["state"], ["events"], ["iam"],
        ["storage"], ["s3"], ["identity", "files"], ["session"], ["ssh", "sftp"], ["process"], ["api"], ["app"]]
LEVEL = {folder: level for level, row in enumerate(ROWS) for folder in row}
MAY = {("sftp", "ssh")}
INCLUDE = re.compile(r'^\s*#include "([a-z0-9_]+)/', re.MULTILINE)


def includes():
    """Every (file, folder, included folder) between two folders of src/."""
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        folder = path.relative_to(ROOT / "src").parts[0]
        for included in INCLUDE.findall(path.read_text()):
            if included != folder:
                yield path.relative_to(ROOT), folder, included


def test_every_folder_has_its_place():
    folders = {p.name for p in (ROOT / "src").iterdir() if p.is_dir()}
    assert folders == set(LEVEL)


def test_folders_include_only_what_lies_below():
    wrong = [f"{path}: {folder} includes {included}" for path, folder, included in includes()
             if included not in LEVEL or (LEVEL[included] >= LEVEL[folder] and (folder, included) not in MAY)]
    assert not wrong, "\n".join(wrong)


def test_protocols_do_not_know_each_other():
    wrong = [str(path) for path, folder, included in includes() if (folder, included) == ("ssh", "sftp")]
    assert not wrong


def test_asio_stays_in_net_and_json_in_headers_of_codec_and_api():
    wrong = []
    for path in sorted((ROOT / "src").rglob("*")):
        if path.suffix not in (".h", ".cc"):
            continue
        text = path.read_text()
        if "<boost/" in text and path.parent.name != "net":
            wrong.append(f"{path.relative_to(ROOT)} includes Boost")
        allowed = path.parent.name == "testing" or path.relative_to(ROOT / "src").parts[0] in ("codec", "api")
        if path.suffix == ".h" and "<nlohmann/json.hpp>" in text and not allowed:
            wrong.append(f"{path.relative_to(ROOT)} includes all of nlohmann-json")
    assert not wrong, "\n".join(wrong)
