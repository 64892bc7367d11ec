"""Which names in folders are ignored, which are refused, and how messages show them."""

import os
import sys
from pathlib import Path

import pytest

from fashion.listing import check_utf8
from stages import download
from tests.conftest import files, write_yaml
from tests.data.advice import refused
from tools import validate_params

linux = pytest.mark.skipif(sys.platform != "linux", reason="other systems have no such names")


@pytest.fixture
def touch(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def touch(*names):
        for name in names:
            path = Path(os.fsdecode(name))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()

    return touch


@linux
def test_names_of_clutter_and_behind_links_may_have_any_encoding(touch, tmp_path):
    touch(b"raw/a/1.png", b"raw/a/.\xe9", b"raw/__MACOSX/\xe9/1", b"elsewhere/caf\xe9.png")
    Path("raw/loop").symlink_to(".")
    Path("raw/big").symlink_to(tmp_path / "elsewhere")
    check_utf8("raw")
    check_utf8("missing")


@linux
def test_wrong_names_are_found_before_the_first_stage_and_before_a_mirror(touch, small_document):
    write_yaml(Path("params.yaml"), small_document)
    validate_params.main()
    touch(b"data/raw/a/caf\xe9.png", b"own/a/caf\xe9.png", b"own/b/1.png")
    assert refused(validate_params.main).endswith(r"found 'data/raw/a/caf\xe9.png'; rename it")
    settings = small_document["download"] | {"images": "own", "files": []}
    write_yaml(Path("params.yaml"), small_document | {"download": settings})
    Path(os.fsdecode(b"data/raw/a/caf\xe9.png")).unlink()
    assert refused(download.main).endswith(r"found 'own/a/caf\xe9.png'; rename it")
    assert files("data") == set()
    Path(os.fsdecode(b"own/a/caf\xe9.png")).rename("own/a/2.png")
    download.main()
    assert files("data/raw") == {"a/2.png", "b/1.png"}
