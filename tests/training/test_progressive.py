"""Progressive resizing: the sizes of images by epoch, and one set of weights for all sizes."""

import numpy as np
import pytest
import tensorflow as tf

from fashion.config.model import Model
from fashion.networks.building import build
from fashion.training import loop, steps
from fashion.training.progressive import ResizingError, at_size, image_sizes, resize
from tests.conftest import CLASSES, MODELS, SHAPE
from tests.training.test_loop import UNCHANGED, settings, trained

SMALL = (10, 14)
CNN = Model.model_validate(MODELS["cnn"])
RESIZING = {"scale": 0.7, "fraction": 0.5}


@pytest.mark.parametrize(
    ("epochs", "resizing", "early"),
    [(58, RESIZING | {"fraction": 0.44}, 26), (3, RESIZING | {"fraction": 0.1}, 0), (3, None, 0)],
)
def test_the_first_epochs_train_on_smaller_images(epochs, resizing, early):
    config = settings(epochs=epochs, progressive_resizing=resizing)
    assert image_sizes((20, 30), config) == [(14, 21)] * early + [(20, 30)] * (epochs - early)


@pytest.mark.parametrize("channels", [(), (3,)], ids=["grey", "colour"])
def test_pixels_are_means_over_areas(channels):
    images = np.random.default_rng(0).integers(0, 256, (5, 20, 28, *channels)).astype(np.float32)
    means = images.reshape(5, 10, 2, 14, 2, *channels).mean((2, 4))
    np.testing.assert_allclose(resize(tf.constant(images), SMALL), means, rtol=1e-5)


@pytest.mark.parametrize("channels", [(), (3,)], ids=["grey", "colour"])
def test_the_smaller_network_has_the_weights_of_the_whole_one(channels):
    whole = build(CNN.network, (*SHAPE, *channels), len(CLASSES))
    assert at_size(whole, SHAPE) is whole
    smaller = at_size(whole, SMALL)
    assert smaller.input_shape == (None, *SMALL, *channels)
    assert [id(one) for one in smaller.variables] == [id(one) for one in whole.variables]
    images = np.random.default_rng(0).integers(0, 256, (6, *SMALL, *channels))
    alone = build(CNN.network, (*SMALL, *channels), len(CLASSES))
    alone.set_weights(whole.get_weights())
    np.testing.assert_allclose(smaller(images), alone(images), rtol=1e-5)


def test_a_training_learns_and_ends_with_images_of_full_size():
    changes = {"fit.epochs": 12, "fit.learning_rate": 0.1, "fit.ema_momentum": 0.5}
    config = CNN.with_values(changes | {"fit.progressive_resizing": RESIZING}).fit
    model, history = trained(config, UNCHANGED, network=CNN.network)
    assert model.input_shape == (None, *SHAPE)
    assert history["val_accuracy"][-1] > 0.9


def test_each_epoch_is_validated_at_the_size_of_its_training_images(monkeypatch):
    sizes = []

    def predict_function(model, network, dtype):
        predict = steps.predict_function(model, network, dtype)
        return lambda images: sizes.append(network.input_shape[1:3]) or predict(images)

    monkeypatch.setattr(loop, "predict_function", predict_function)
    config = CNN.with_values({"fit.epochs": 4, "fit.progressive_resizing": RESIZING}).fit
    trained(config, UNCHANGED, network=CNN.network)
    batches = len(sizes) // config.epochs
    assert sizes[::batches] == image_sizes(SHAPE, config)


@pytest.mark.parametrize(("network", "size"), [("mlp", (14, 21)), ("cnn", (2, 3))])
def test_a_network_that_takes_no_smaller_images_is_refused(network, size):
    whole = build(Model.model_validate(MODELS[network]).network, (20, 30), len(CLASSES))
    with pytest.raises(ResizingError, match=f"takes no images of {size[0]} x {size[1]} pixels"):
        at_size(whole, size)
