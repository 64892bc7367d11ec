"""Test-time augmentation (TTA): predictions averaged over mirrored and shifted views of an image.

Sources: Krizhevsky et al. (2012), section 4.1; Jordan, arxiv.org/abs/2404.00498, section 3.5.
"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import softmax

from fashion.io.batching import in_batches

NO_SHIFT = ((0, 0),)
ONE_PIXEL = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
SHIFTS = {"none": NO_SHIFT, "flip": NO_SHIFT, "flip_shift": ONE_PIXEL}


def make_views(images: np.ndarray, tta: str) -> Iterator[np.ndarray]:
    """Yield views of `images` (uint8 [count, height, width, ...]), the unchanged images first.

    "none" has no other view; "flip" adds the mirror images; "flip_shift" also shifts both by one
    pixel up, down, left and right, and fills the edge with zeros.
    """
    padded = np.pad(images, {1: 1, 2: 1})
    height, width = images.shape[1:3]
    for down, right in SHIFTS[tta]:
        moved = padded[:, 1 - down : 1 - down + height, 1 - right : 1 - right + width]
        yield moved
        if tta != "none":
            yield moved[:, :, ::-1]


def predict_average(
    predict: Callable[[np.ndarray], np.ndarray], images: np.ndarray, tta: str, batch_size: int
) -> tuple[np.ndarray, np.ndarray]:
    """Predict `images` twice: without TTA, and averaged over their views by `average`.

    `predict` turns at most `batch_size` images into probabilities [batch, classes]. Returns
    float32 and float64 [count, classes].
    """
    single, averages = [], []
    for batch in in_batches(images, batch_size):
        views = np.stack([predict(view) for view in make_views(batch, tta)])
        single.append(views[0])
        averages.append(average(views))
    return np.concatenate(single), np.concatenate(averages)


def average(views: np.ndarray) -> np.ndarray:
    """Average probabilities [views, count, classes] over views: float64 [count, classes].

    Logits are averaged, not probabilities. So the ranking of the classes does not depend on the
    temperature of the model.
    """
    logits = np.log(np.maximum(views, np.finfo(np.float32).tiny, dtype=np.float64))
    return softmax(logits.mean(axis=0), axis=1)
