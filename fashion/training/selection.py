"""Which training images an epoch uses: the most difficult ones, and some of the others.

A network soon knows most trousers and bags, and learns little from seeing them again. Leaving
most of what is easy out buys more epochs on the rest in the same time.

The difficulty of an image is one minus the probability of its label, as it last came out of a
training step. Sources: Loshchilov and Hutter, "Online Batch Selection", arxiv.org/abs/1511.06343;
Jiang et al., "Selective-Backprop", arxiv.org/abs/1910.00762; Qin et al., "InfoBatch",
arxiv.org/abs/2303.04947 (which reweights the images that it keeps; this does not).
"""

import numpy as np

from fashion.config.model import Selection


def selected_count(total: int, config: Selection, epoch: int, epochs: int) -> int:
    """How many of `total` images the given one (from 0) of `epochs` epochs uses."""
    full = epoch < config.full_epochs_start or epoch >= epochs - config.full_epochs_end
    return total if full else round(total * config.fraction)


def select(
    difficulty: np.ndarray, count: int, config: Selection, rng: np.random.Generator
) -> np.ndarray:
    """The rows (int64 [count]) of the images to use, in random order, each at most once.

    `difficulty` is float [total], one for each image. `config.hard_fraction` of all rows are the
    most difficult ones; the rest of `count` is drawn evenly from the others.
    """
    total = len(difficulty)
    if count == total:
        return rng.permutation(total)
    hard = min(count, round(total * config.hard_fraction))
    by_difficulty = np.argsort(-difficulty, kind="stable")
    others = rng.permutation(by_difficulty[hard:])[: count - hard]
    return rng.permutation(np.concatenate([by_difficulty[:hard], others]))
