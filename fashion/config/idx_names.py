"""Tells from the name of an IDX file which split it belongs to, and if it has images or labels."""

import re

SPLITS = {"train": "train", "training": "train", "test": "test", "testing": "test", "t10k": "test"}
ROLES = [(split, content) for split in ("train", "test") for content in ("images", "labels")]
# MNIST has train-images-idx3-ubyte, which 7-Zip unpacks as train-images.idx3-ubyte; EMNIST has
# emnist-letters-test-labels-idx1-ubyte; QMNIST has qmnist-train-labels-idx2-int.
NAME = re.compile(
    r"(?P<prefix>.*[-_.])?(?P<split>train|training|test|testing|t10k)[-_.]?"
    r"(?P<content>images|labels)[-_.](idx[1-4]?([-_.](ubyte|int))?|ubyte)",
    re.IGNORECASE,
)
SPLIT_WORDS = {*SPLITS, "val", "valid", "validation", "dev"}


def idx_role(name: str) -> tuple[str, str] | None:
    """Return the role of an IDX file: `train` or `test`, and `images` or `labels`.

    Returns None if `name` is not the name of an IDX file, or if it names two splits.

    >>> idx_role("t10k-images.idx3-ubyte"), idx_role("emnist-letters-train-labels-idx1-ubyte")
    (('test', 'images'), ('train', 'labels'))
    """
    match = NAME.fullmatch(name)
    if not match or SPLIT_WORDS & {*re.split("[-_.]", (match["prefix"] or "").lower())}:
        return None
    return SPLITS[match["split"].lower()], match["content"].lower()


def role_names(role: tuple[str, str]) -> str:
    """Describe `role` in messages.

    >>> role_names(("train", "images"))
    'training images'
    """
    split, content = role
    return f"{'training' if split == 'train' else split} {content}"
