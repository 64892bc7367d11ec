"""Test-time augmentation (TTA): predictions averaged over slightly changed views of each image.

A mirrored or shifted piece of clothing is the same piece of clothing, so a model should predict the
same for it; where it does not, the average is right more often than a single prediction. Sources:
Krizhevsky et al. (2012), section 4.1; Jordan, arxiv.org/abs/2404.00498, section 3.5.
"""

from collections.abc import Callable, Iterator

import numpy as np
from scipy.special import softmax

from fashion.batching import in_batches

IN_PLACE = ((0, 0),)
ONE_PIXEL = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
SHIFTS = {"none": IN_PLACE, "flip": IN_PLACE, "flip_shift": ONE_PIXEL}


def make_views(images: np.ndarray, kind: str) -> Iterator[np.ndarray]:
    """The images (uint8 [count, height, width, ...]) as they are, then changed as `kind` says.

    "none" changes nothing; "flip" adds the mirror image; "flip_shift" adds to both their copies
    moved by one pixel up, down, left and right, with zeros moved in.
    """
    padded = np.pad(images, {1: 1, 2: 1})
    height, width = images.shape[1:3]
    for down, right in SHIFTS[kind]:
        moved = padded[:, 1 - down : 1 - down + height, 1 - right : 1 - right + width]
        yield moved
        if kind != "none":
            yield moved[:, :, ::-1]


def predict_views(
    predict: Callable[[np.ndarray], np.ndarray], images: np.ndarray, kind: str
) -> np.ndarray:
    """What `predict` gives for each view, that of the image itself first: [views, count, classes].

    `predict` takes images as `make_views` gives them and returns probabilities
    [count, classes].
    """
    return np.stack([predict(view) for view in make_views(images, kind)])


def predict_average(
    predict: Callable[[np.ndarray], np.ndarray], images: np.ndarray, kind: str, batch_size: int
) -> tuple[np.ndarray, np.ndarray]:
    """What `predict` gives for the images as they are, and the `average` over their views.

    `images` are views of at most `batch_size` images at a time (`fashion.batching`); what is held
    of all of them is both results, float32 and float64 [count, classes].
    """
    single, averages = [], []
    for batch in in_batches(images, batch_size):
        views = predict_views(predict, batch, kind)
        single.append(views[0])
        averages.append(average(views))
    return np.concatenate(single), np.concatenate(averages)


def average(views: np.ndarray) -> np.ndarray:
    """One prediction of those for each view: float64 [count, classes].

    The mean of logits, that is the normalised geometric mean of probabilities: the order of the
    classes, unlike that of a mean of probabilities, does not depend on the temperature of the
    model.
    """
    logits = np.log(np.maximum(views, np.finfo(np.float32).tiny, dtype=np.float64))
    return softmax(logits.mean(axis=0), axis=1)
