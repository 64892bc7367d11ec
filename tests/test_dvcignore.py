"""DVC hashes exactly the files in `data/raw` and in code that the stages read."""

import pytest

from fashion.listing import is_clutter
from tests.conftest import ROOT
from tools.checkout import Checkout

NAMES = (  # left behind by systems, editors and archivers, and similar names of data
    *(".DS_Store", ".hidden.png", "._a.png", ".git", "a.png~", "~a", "photo.swp", "a.bak"),
    *("Thumbs.db", "THUMBS.DB", "Thumbs.db.png", "xThumbs.db", "Desktop.ini", "desktop.ini2"),
    *("__MACOSX", "__macosx", "_MACOSX", "@eaDir", "@EADIR", "eaDir", "lost+found"),
    *("losttfound", "a.png", "train", "__pycache__", "x.py"),
)
IN_CODE = (
    *(".DS_Store", ".loop.py.swp", ".#loop.py", "#loop.py#", "loop.py~", "._loop.py", "4913"),
    *("loop.py.orig", "loop.py.rej", "loop.py.bak", "loop.pyc", "Thumbs.db", "notes.txt", "core"),
    *("loop copy.py", "loop (1).py", "loop.sync-conflict-20240101.py", "loop - Copy.py"),
    *(".mypy_cache/a.py", ".ipynb_checkpoints/loop-checkpoint.py", "__pycache__/loop.pyc"),
    *("__MACOSX/loop.py", "@eaDir/loop.py", "lost+found/a.py"),
)


def ignored_by_dvc(*paths):
    return set(Checkout(ROOT).run("dvc", "check-ignore", *paths, check=False).stdout.split("\n"))


@pytest.mark.slow
def test_dvc_and_the_stages_ignore_the_same_names_of_data():
    paths = [f"data/raw/{folder}{name}" for folder in ("", "a/", "train/a/") for name in NAMES]
    paths += [f"data/raw/{name}/1.png" for name in NAMES]
    by_stages = {path for path in paths if any(map(is_clutter, path.split("/")[2:]))}
    assert ignored_by_dvc(*paths) - {""} == by_stages
    assert len(by_stages) > len(NAMES)


@pytest.mark.slow
def test_dvc_hashes_every_module_and_nothing_that_is_left_beside_them():
    tracked = Checkout(ROOT).git("ls-files", "fashion", "stages").split()
    beside = [f"fashion/training/{name}" for name in IN_CODE]
    assert ignored_by_dvc(*tracked, *beside) - {""} == set(beside)
    assert ignored_by_dvc("fashion/training/new.py", "fashion/new/two_words.py") == {""}
