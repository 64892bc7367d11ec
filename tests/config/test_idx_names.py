"""Which names of IDX files are known, what each file holds, and the messages about others."""

import pytest

from fashion.config.download import Download
from fashion.config.idx_names import ROLES, idx_role
from fashion.config.loader import check
from tests.data.advice import refused

MNIST = [f"{split}-{content}" for split in ("train", "t10k") for content in ("images", "labels")]
PATTERNS = [
    "{split}-{content}-idx{axes}-ubyte",  # MNIST, Fashion-MNIST, KMNIST
    "{split}-{content}.idx{axes}-ubyte",  # the same, unpacked by 7-Zip or macOS
    "{split}_{content}_idx{axes}_ubyte",
    "{split}-{content}.idx",
    "emnist-letters-{split}-{content}-idx{axes}-ubyte",
    "latest.devanagari-{split}-{content}-idx{axes}-ubyte",  # no split is called latest
]


def load(names):
    section = {
        "images": None,
        "sources": [{"directory": "x"}],
        "connect_seconds": 1.0,
        "retries": 0,
        "files": [{"name": name, "sha256": "0" * 64} for name in names],
    }
    return check(Download, section, "params.yaml", "download")


@pytest.mark.parametrize("pattern", PATTERNS)
@pytest.mark.parametrize("splits", [("train", "t10k"), ("train", "test"), ("training", "testing")])
def test_common_spellings_say_what_a_file_holds(pattern, splits):
    for case in (str.lower, str.upper, str.capitalize):
        names = [
            pattern.format(split=case(split), content=content, axes=3 if content == "images" else 1)
            for split in splits
            for content in ("images", "labels")
        ]
        assert [idx_role(name) for name in names] == ROLES
        assert len(load(names).files) == 4


@pytest.mark.parametrize(
    "name",
    [
        "mnist.npz",
        "train-idx3-ubyte",
        "val-images-idx3-ubyte",
        "my-val-train-images-idx3-ubyte",
        "emnist-letters-mapping.txt",
        "train-images-idx3-ubyte.zip",
    ],
)
def test_a_name_that_does_not_say_it_is_refused_and_removed_from_the_list(name):
    others = [f"{name}-idx1-ubyte" for name in MNIST]
    message = refused(lambda: load([*others, name]))
    assert message.startswith("params.yaml: download.files.4.name: expected the name of an IDX")
    assert "or remove it from the list" in message
    assert message.endswith(f"; received '{name}'")
    assert len(load(others).files) == 4


@pytest.mark.parametrize(
    ("extra", "expected"),
    [
        (["train-images.idx3-ubyte"], "train-images.idx3-ubyte of training images"),
        (["test-labels-idx1-ubyte"], "test-labels-idx1-ubyte of test labels"),
        (None, "none of test labels"),
    ],
)
def test_each_of_the_four_is_listed_once(extra, expected):
    four = [f"{name}-idx1-ubyte" for name in MNIST]
    message = refused(lambda: load(four[:3] if extra is None else [*four, *extra]))
    assert "; list each of the four once; received" in message
    assert expected in message
