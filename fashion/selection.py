"""Which training images an epoch uses: the hardest ones, and some of the others.

A network soon knows most trousers and bags, and learns little from seeing them again. Leaving
most of what is easy out buys more epochs on the rest in the same time.

How hard an image is, is what the network last missed on it: one minus the probability of its
label, as it came out of the training step. Sources: Loshchilov and Hutter, "Online Batch
Selection", arxiv.org/abs/1511.06343; Jiang et al., "Selective-Backprop", arxiv.org/abs/1910.00762;
Qin et al., "InfoBatch", arxiv.org/abs/2303.04947 (which reweights what it keeps; this does not).
"""

import numpy as np

from fashion.params import Selection


def selected_count(total: int, config: Selection, epoch: int, epochs: int) -> int:
    """How many of `total` images the given one (from 0) of `epochs` epochs uses."""
    whole = epoch < config.whole_first or epoch >= epochs - config.whole_last
    return total if whole else round(total * config.share)


def select(
    hardness: np.ndarray, count: int, config: Selection, rng: np.random.Generator
) -> np.ndarray:
    """The rows (int64 [count]) of the images to use, in random order, each at most once.

    `hardness` is float [total]. `config.hardest` of all rows are the hardest; the rest of `count`
    is drawn evenly from the others.
    """
    total = len(hardness)
    if count == total:
        return rng.permutation(total)
    sure = min(count, round(total * config.hardest))
    by_hardness = np.argsort(-hardness, kind="stable")
    others = rng.permutation(by_hardness[sure:])[: count - sure]
    return rng.permutation(np.concatenate([by_hardness[:sure], others]))
