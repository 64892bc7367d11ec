"""Selection of the training images of an epoch: the most difficult ones and some of the others.

A network soon classifies most images with confidence and learns little from seeing them again.
Leaving out most of these images gives more epochs on the others in the same time.

The difficulty of an image is one minus the probability of its label at its last training step.
Sources: Loshchilov and Hutter, "Online Batch Selection", arxiv.org/abs/1511.06343; Jiang et al.,
"Selective-Backprop", arxiv.org/abs/1910.00762; Qin et al., "InfoBatch", arxiv.org/abs/2303.04947.
Unlike InfoBatch, this does not reweight the images that it keeps.
"""

import numpy as np

from fashion.config.model import Selection


def selected_count(total: int, config: Selection, epoch: int, epochs: int) -> int:
    """The number of images, of `total`, that `epoch` (counted from 0) of `epochs` uses."""
    full = epoch < config.full_epochs_start or epoch >= epochs - config.full_epochs_end
    return total if full else round(total * config.fraction)


def select(
    difficulty: np.ndarray, count: int, config: Selection, rng: np.random.Generator
) -> np.ndarray:
    """The indices (int64 [count]) of the images to use, in random order and without repetition.

    `difficulty` is float [total]. The most difficult images, `config.hard_fraction` of all, are
    always used; the rest of `count` is drawn uniformly from the others.
    """
    total = len(difficulty)
    if count == total:
        return rng.permutation(total)
    hard = min(count, round(total * config.hard_fraction))
    by_difficulty = np.argsort(-difficulty, kind="stable")
    others = rng.permutation(by_difficulty[hard:])[: count - hard]
    return rng.permutation(np.concatenate([by_difficulty[:hard], others]))
