"""`download` run by DVC: which changes it notices, and which files its cache protects."""

import copy
import shutil

import pytest

from tests.conftest import copy_project, files, write_yaml
from tests.data.image_files import write_classes
from tools.checkout import Checkout, CheckoutError

RAW = "data/raw"


class Project(Checkout):
    def use(self, folder):
        """Name a folder of images in `params.yaml`."""
        document = copy.deepcopy(self.document)
        document["download"] |= {"images": folder, "files": []}
        write_yaml(self.folder / "params.yaml", document)

    def raw_files(self):
        return files(self.folder / RAW)


@pytest.fixture
def project(tmp_path, small_document):
    """A project beside two folders of images."""
    for name, classes in (("A", ("a", "b")), ("B", ("x", "y", "z"))):
        write_classes(tmp_path / name, dict.fromkeys(classes, 3))
    project = Project(copy_project(tmp_path / "project", small_document).folder)
    project.document = small_document
    return project


@pytest.mark.slow
@pytest.mark.parametrize("settings", [(), ("cache.dir", "../shared"), ("cache.type", "symlink")])
def test_another_folder_replaces_the_first_which_the_cache_restores(project, tmp_path, settings):
    if settings:
        project.run("dvc", "config", *settings)
    project.use("../A")
    assert project.stages_run("download") == ["download"]
    assert project.stages_run("download") == []
    lock = (project.folder / "dvc.lock").read_bytes()
    project.use("../B")
    assert project.stages_run("download") == ["download"]
    assert project.raw_files() == files(tmp_path / "B")
    (project.folder / "dvc.lock").write_bytes(lock)
    project.run("dvc", "checkout", "--force", "download")
    assert project.raw_files() == files(tmp_path / "A")
    project.use(RAW)  # links to the cache are allowed
    assert project.stages_run("download") == ["download"]


@pytest.mark.slow
def test_images_that_dvc_has_not_cached_are_kept_and_the_advice_works(project, tmp_path):
    write_classes(project.folder / RAW, {"a": 2, "mine": 2})
    project.use("../A")
    with pytest.raises(CheckoutError, match=r"not hold them: 'mine/0\.png', 'mine/1\.jpg';"):
        project.run("dvc", "repro", "download")
    assert project.raw_files() == {"a/0.png", "a/1.jpg", "mine/0.png", "mine/1.jpg"}
    project.use(RAW)  # as the message says
    assert project.stages_run("download") == ["download"]
    project.use("../A")  # now the cache holds them
    assert project.stages_run("download") == ["download"]
    assert project.raw_files() == files(tmp_path / "A")


@pytest.mark.slow
def test_dvc_notices_changes_behind_a_link_in_place_of_the_folder(project, tmp_path):
    (project.folder / RAW).symlink_to(tmp_path / "A")
    project.use(RAW)
    assert project.stages_run("download") == ["download"]
    for change in (shutil.copy, shutil.move):
        change(tmp_path / "B/x/0.png", tmp_path / f"A/a/{change.__name__}.png")
        assert project.stages_run("download") == ["download"]
        assert project.stages_run("download") == []
    assert (project.folder / RAW).is_symlink()
