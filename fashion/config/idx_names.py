"""What an IDX file holds, by its name."""

import re

SPLITS = {"train": "train", "training": "train", "test": "test", "testing": "test", "t10k": "test"}
ROLES = [(split, kind) for split in ("train", "test") for kind in ("images", "labels")]
# MNIST has train-images-idx3-ubyte, which 7-Zip unpacks as train-images.idx3-ubyte, EMNIST
# emnist-letters-test-labels-idx1-ubyte, and QMNIST qmnist-train-labels-idx2-int.
NAME = re.compile(
    r"(?P<before>.*[-_.])?(?P<split>train|training|test|testing|t10k)[-_.]?"
    r"(?P<kind>images|labels)[-_.](idx[1-4]?([-_.](ubyte|int))?|ubyte)",
    re.IGNORECASE,
)
OTHERS = {*SPLITS, "val", "valid", "validation", "dev"}


def idx_role(name: str) -> tuple[str, str] | None:
    """`train` or `test`, and `images` or `labels`; None for the name of anything else.

    A name that speaks of two parts of the data is none, as nobody could tell which it means.

    >>> idx_role("t10k-images.idx3-ubyte"), idx_role("emnist-letters-train-labels-idx1-ubyte")
    (('test', 'images'), ('train', 'labels'))
    """
    match = NAME.fullmatch(name)
    if not match or OTHERS & {*re.split("[-_.]", (match["before"] or "").lower())}:
        return None
    return SPLITS[match["split"].lower()], match["kind"].lower()


def role_names(role: tuple[str, str]) -> str:
    """`role` in words.

    >>> role_names(("train", "images"))
    'training images'
    """
    split, kind = role
    return f"{'training' if split == 'train' else split} {kind}"
