"""Features of a frozen backbone, computed once and not again in each epoch."""

import keras
import numpy as np

from fashion.config.model import Model
from fashion.io.batching import in_batches
from fashion.io.labeled_images import LabeledImages


def with_features(
    model: keras.Model, train: LabeledImages, validation: LabeledImages, settings: Model
) -> tuple[keras.Model, LabeledImages, LabeledImages]:
    """The part of `model` to train, and its inputs in place of the images.

    If only the last layer is trained, and on unchanged images, this part is the layers after the
    backbone, which share their weights with `model`, and its inputs are features (float32 [count,
    channels]). Otherwise, they are `model` and the images themselves.
    """
    is_frozen = settings.network.kind == "pretrained" and not settings.network.trainable_layers
    changes = any(settings.augment.model_dump().values()) or settings.fit.progressive_resizing
    if changes or not is_frozen:
        return model, train, validation
    dropout, last = model.layers[-2:]
    body = keras.Model(model.input, dropout.input)
    features = keras.Input(dropout.input.shape[1:], name="features")
    head = keras.Model(features, last(dropout(features)), name="head")
    train, validation = (
        LabeledImages(
            np.concatenate([body.predict_on_batch(batch) for batch in in_batches(split.images)]),
            split.labels,
        )
        for split in (train, validation)
    )
    return head, train, validation
