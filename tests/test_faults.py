"""Each fault of `verification.faults` once, on little data: noticed or survived, at no cost."""

import copy
import os
import random

import pytest

from benchmarks.checkout import Checkout
from tests.conftest import copy_project
from verification.bench import Bench, FaultError, snapshot
from verification.damage import flip, fsck_says
from verification.faults import FAULTS
from verification.mend import mend
from verification.room import can_mount, fill_disk

NEEDS_MOUNT = pytest.mark.skipif(not can_mount(), reason="no file systems of one's own here")
EACH = [
    pytest.param(fault.inject, marks=[NEEDS_MOUNT] if fault.inject is fill_disk else [], id=name)
    for name, fault in FAULTS.items()
]


@pytest.fixture(scope="module")
def bench(tmp_path_factory, small_document):
    """A small project whose trainings last some seconds, with many epochs to be killed in."""
    document = copy.deepcopy(small_document)
    for model in document["models"].values():
        model["fit"] |= {"epochs": 60}
    project = copy_project(tmp_path_factory.mktemp("faults") / "project", document)
    project.run("dvc", "repro")
    project.git("add", "--all")
    project.git("commit", "--quiet", "--message=Results")
    return Bench(project)


@pytest.mark.parametrize("inject", EACH)
def test_it_is_noticed_or_survived_and_every_byte_comes_back(bench, request, inject):
    assert list(inject(bench, random.Random(request.node.name)))


def test_a_result_that_is_not_what_it_was_is_a_fault(bench, rng):
    with bench.copy() as checkout:
        flip(checkout.folder / "reports/mlp/metrics.json", rng)
        with pytest.raises(FaultError, match=r"not what it was: reports/mlp/metrics\.json"):
            bench.check_whole(checkout, "a fault")


def test_a_snapshot_holds_every_result_but_the_time(bench):
    files = set(snapshot(bench.project))
    assert {"dvc.lock", "models/cnn.keras", "data/raw/t10k-labels-idx1-ubyte"} <= files
    assert {"reports/mlp/curves.png", "data/processed/test_images.npy"} <= files
    assert not any("timing" in path for path in files)


def test_an_unresolved_merge_is_left_to_who_made_it(bench, tmp_path):
    checkout = Checkout.clone(bench.project.folder, tmp_path / "clone")
    lock = checkout.folder / "dvc.lock"
    conflict = f"<<<<<<< HEAD\n{lock.read_text()}=======\n>>>>>>> other\n"
    lock.write_text(conflict)
    assert list(mend(checkout)) == []
    assert lock.read_text() == conflict


def test_nothing_is_said_of_a_sound_cache(bench):
    assert fsck_says(bench.project) == ""


@pytest.mark.parametrize("kept", range(0, 4000, 401))
def test_a_lock_file_is_restored_where_dvc_would_refuse_it(bench, tmp_path, kept):
    """Wherever a kill cuts it: what passes for whole here is whole for DVC, too."""
    checkout = Checkout.clone(bench.project.folder, tmp_path / "clone")
    lock = checkout.folder / "dvc.lock"
    whole = lock.read_bytes()
    os.truncate(lock, kept)
    mended = list(mend(checkout))
    assert not mended or lock.read_bytes() == whole
    assert checkout.run("dvc", "status", check=False).returncode == 0
