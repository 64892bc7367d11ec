"""Links in a folder of data are refused, and the advice in the message works."""

import os
import shutil

import pytest

from fashion.download.mirror import mirror
from fashion.links import LinkError, refuse_links
from tests.conftest import files


@pytest.fixture
def disk(tmp_path):
    """Two class folders elsewhere, and `data/raw` with a link to each."""
    for name in "ab":
        (tmp_path / "disk" / name).mkdir(parents=True)
        (tmp_path / "disk" / name / "1.png").write_text(name)
    raw = tmp_path / "data/raw"
    raw.mkdir(parents=True)
    for name in "ab":
        (raw / name).symlink_to(os.path.relpath(tmp_path / "disk" / name, raw))
    return tmp_path / "disk"


def test_links_to_folders_are_refused_and_both_pieces_of_advice_work(disk, tmp_path):
    raw, links = tmp_path / "data/raw", tmp_path / "data/links"
    with pytest.raises(LinkError, match=r"found links: 'a', 'b'; DVC does not notice") as error:
        mirror(raw, raw)
    assert f"run `mv {raw} {links}` and write `images: {links}` under" in str(error.value)
    raw.rename(links)
    assert "2 copied" in mirror(links, raw)
    assert files(raw) == {"a/1.png", "b/1.png"}
    assert not any(path.is_symlink() for path in raw.rglob("*"))
    refuse_links(raw)
    shutil.rmtree(raw)
    raw.symlink_to(disk)
    assert mirror(raw, raw) == f"2 files in place in {raw}"


@pytest.mark.parametrize(
    ("name", "target", "expected"),
    [
        ("a/2.png", "b/1.png", r"found links: 'a/2\.png'; DVC"),
        ("a/more", "b", "found links: 'a/more'; DVC"),
        ("a/gone.png", "missing.png", r"links to nothing: 'a/gone\.png'; remove"),
    ],
)
def test_links_are_named_unless_they_are_clutter(disk, name, target, expected):
    (disk / ".trash").symlink_to(disk / "b")
    refuse_links(disk)
    (disk / name).symlink_to(disk / target)
    with pytest.raises(LinkError, match=expected):
        refuse_links(disk)


def test_links_to_the_cache_of_dvc_are_allowed(disk, tmp_path):
    cached = tmp_path / "cache/files/md5/d5" / "577d3f66e9e2504221cb8e97b4225e"
    cached.parent.mkdir(parents=True)
    cached.touch()
    (disk / "a/2.png").symlink_to(cached)
    refuse_links(disk)
