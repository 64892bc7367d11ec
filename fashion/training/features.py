"""Features of a frozen backbone, computed once and not again in each epoch."""

import keras

from fashion.config.model import Model
from fashion.io.labeled_images import LabeledImages
from fashion.training.batches import evaluation_batch_size


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
    size = evaluation_batch_size(model.input_shape[1:])
    train, validation = (
        LabeledImages(body.predict(split.images, batch_size=size, verbose=0), split.labels)
        for split in (train, validation)
    )
    return head, train, validation
