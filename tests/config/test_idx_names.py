"""Which names of IDX files are known, what each file holds, and the messages about others."""

import pytest

from fashion.config.data import Data
from fashion.config.download import Download
from fashion.config.idx_names import ROLES, idx_role
from fashion.config.loader import ParamsError, check
from tests.data.advice import refused

MNIST = [f"{split}-{content}" for split in ("train", "t10k") for content in ("images", "labels")]
PATTERNS = [
    "{split}-{content}-idx{axes}-ubyte",  # MNIST, Fashion-MNIST, KMNIST
    "{split}-{content}.idx{axes}-ubyte",  # the same, unpacked by 7-Zip or macOS
    "{split}_{content}_idx{axes}_ubyte",
    "{split}-{content}-ubyte",
    "{split}-{content}.idx",
    "emnist-letters-{split}-{content}-idx{axes}-ubyte",
    "emnist-byclass-{split}-{content}.idx{axes}-ubyte",
    "qmnist-{split}-{content}-idx{axes}-ubyte",
    "latest.devanagari-{split}-{content}-idx{axes}-ubyte",  # no split is called latest
]


def entries(names):
    return [{"name": name, "sha256": "0" * 64} for name in names]


def section(names):
    sources = [{"directory": "x"}]
    return {
        "images": None,
        "sources": sources,
        "connect_seconds": 1.0,
        "retries": 0,
        "files": entries(names),
    }


def load(names):
    return check(Download, section(names), "params.yaml", "download")


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


def test_the_labels_of_qmnist_are_known():
    assert idx_role("qmnist-train-labels-idx2-int") == ("train", "labels")
    assert idx_role("qmnist-test-labels-idx2-int") == ("test", "labels")


@pytest.mark.parametrize(
    "name",
    [
        "mnist.npz",
        "fashion-mnist_train.csv",
        "images.idx3-ubyte",
        "train-idx3-ubyte",
        "val-images-idx3-ubyte",
        "train-test-images-idx3-ubyte",
        "my-val-train-images-idx3-ubyte",
        "mnist8m-images-idx3-ubyte",
        "emnist-letters-mapping.txt",
        "train-images-idx3-ubyte.zip",
        "train-images-idx3-ubyte-old",
        "trainimages",
    ],
)
def test_a_name_that_does_not_say_it_is_refused_and_removed_from_the_list(name):
    others = [f"{name}-idx1-ubyte" for name in MNIST]
    message = refused(lambda: load([*others, name]))
    assert message.startswith("params.yaml: download.files.4.name: expected the name of an IDX")
    assert "or remove it from the list" in message
    assert message.endswith(f"; received '{name}'")
    assert len(load(others).files) == 4


def test_every_wrong_name_is_told_at_once_and_examples_are_right():
    message = refused(lambda: load(["a.npz", "b.csv"]))
    assert len(message.splitlines()) == 2
    examples = message.split("such as ")[1].split("; ")[0].replace(" or ", ", ").split(", ")
    assert len(load(examples).files) == 4


def test_a_name_with_gz_is_told_to_lose_it():
    names = [f"{name}-idx1-ubyte.gz" for name in MNIST]
    message = refused(lambda: load(names))
    assert message.count("expected the name without .gz and the SHA-256 of the unpacked file") == 4
    assert len(load([name.removesuffix(".gz") for name in names]).files) == 4


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["train-images-idx3-ubyte"] * 2, "train-images-idx3-ubyte, train-images-idx3-ubyte of tr"),
        (["train-images-idx3-ubyte", "train-images.idx3-ubyte"], "train-images.idx3-ubyte of trai"),
        (["t10k-labels-idx1-ubyte", "test-labels-idx1-ubyte"], "test-labels-idx1-ubyte of test l"),
        ([], ""),
    ],
)
def test_each_of_the_four_is_listed_once(names, expected):
    four = [f"{name}-idx1-ubyte" for name in MNIST]
    for wrong in ([*four[1:], *names], [*four, *names][: 3 if not names else None]):
        message = refused(lambda wrong=wrong: load(wrong))
        assert "expected one IDX file each of training images, training labels, test" in message
        assert "; list each of the four once; received" in message
    assert expected in message
    assert ("none of test labels" in message) == (not names)
    assert len(load(four).files) == 4


def test_names_of_classes_are_in_one_form_of_unicode_and_letters_keep_their_case():
    data = {
        "name": "x",
        "homepage": None,
        "license": None,
        "classes": ["A", "a", "gru\u0308n"],
        "image_height": 1,
        "image_width": 1,
        "channels": 1,
        "preprocessing": "pad",
    }
    assert check(Data, data, "params.yaml").classes == ("A", "a", "gr\u00fcn")
    with pytest.raises(ParamsError, match=r"found 'dog' .* and 'dog\\u200b' .*U\+200B"):
        check(Data, data | {"classes": ["dog", "dog\u200b"]}, "params.yaml")
