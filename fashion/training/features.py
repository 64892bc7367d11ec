"""Features of a frozen backbone, computed once and not again in each epoch."""

import keras

from fashion.config.model import Model
from fashion.io.batching import predict
from fashion.io.labeled_images import LabeledImages


def with_features(
    model: keras.Model, train: LabeledImages, validation: LabeledImages, settings: Model
) -> tuple[keras.Model, LabeledImages, LabeledImages]:
    """Return what to train: `model` on images, or its last layer on features of the backbone.

    The features (float32 [count, channels]) are computed here, once, if only the last layer is
    trained and the images are the same in each epoch. The last layer shares its weights with
    `model`. If images change, a line says which settings change them.
    """
    if settings.network.kind != "pretrained" or settings.network.trainable_layers:
        return model, train, validation
    changes = [f"augment.{name}" for name, value in settings.augment.model_dump().items() if value]
    if settings.fit.progressive_resizing:
        changes.append("fit.progressive_resizing")
    if changes:
        print(f"the backbone runs in each epoch, not once, because of {', '.join(changes)}")
        return model, train, validation
    dropout, last = model.layers[-2:]
    body = keras.Model(model.input, dropout.input)
    features = keras.Input(dropout.input.shape[1:], name="features")
    head = keras.Model(features, last(dropout(features)), name="head")
    train, validation = (
        LabeledImages(predict(body, split.images), split.labels) for split in (train, validation)
    )
    return head, train, validation
