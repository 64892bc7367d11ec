"""Progressive resizing: the sizes of images by epoch, and one set of weights for all sizes."""

import numpy as np
import pytest
import tensorflow as tf

from fashion.config.model import Model
from fashion.models.determinism import make_deterministic
from fashion.networks.building import build
from fashion.training import loop, steps
from fashion.training.loop import compile_model
from fashion.training.progressive import ResizingError, at_size, image_sizes, resize
from fashion.training.steps import train_function
from tests.conftest import CLASSES, MODELS, SHAPE, small_split
from tests.training.test_loop import UNCHANGED, flat, settings, trained

SMALL = (10, 14)
CNN = Model.model_validate(MODELS["cnn"])
RESIZING = {"scale": 0.7, "fraction": 0.5}


@pytest.mark.parametrize(
    ("epochs", "resizing", "early"),
    [
        (58, RESIZING | {"fraction": 0.44}, 26),
        (1, RESIZING | {"fraction": 0.9}, 1),
        (3, RESIZING | {"fraction": 0.1}, 0),
        (3, None, 0),
    ],
)
def test_the_first_epochs_train_on_smaller_images(epochs, resizing, early):
    config = settings(epochs=epochs, progressive_resizing=resizing)
    assert image_sizes((20, 30), config) == [(14, 21)] * early + [(20, 30)] * (epochs - early)


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_pixels_are_means_over_areas(channels):
    images = np.random.default_rng(0).integers(0, 256, (5, 20, 28, *channels)).astype(np.float32)
    means = images.reshape(5, 10, 2, 14, 2, *channels).mean((2, 4))
    np.testing.assert_allclose(resize(tf.constant(images), SMALL), means, rtol=1e-5)


@pytest.mark.parametrize(("scale", "smaller"), [(0.025, (1, 1)), (0.07, (1, 2))])
def test_each_side_has_at_least_one_pixel(scale, smaller):
    resizing = {"scale": scale, "fraction": 0.5}
    config = settings(epochs=2, progressive_resizing=resizing)
    assert image_sizes((20, 30), config)[0] == smaller


@pytest.mark.parametrize("channels", [(), (3,)])
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


def test_a_step_on_small_images_equals_that_of_a_network_of_that_size():
    images, labels = small_split(per_class=4, seed=0)
    images, labels = images[:16], labels[:16]
    size = (10, 10)

    def after_a_step(shape, network_of, pixels):
        make_deterministic(0, threads=2)
        model = build(CNN.network, shape, len(CLASSES))
        network = network_of(model)
        compile_model(model, CNN.fit, steps=4)
        probabilities = train_function(model, 16, network)(pixels, labels)
        return flat(model), probabilities

    reduced = images.reshape(16, 10, 2, 10, 2).mean((2, 4))
    exact = reduced == np.rint(reduced)
    images = np.where(exact.repeat(2, 1).repeat(2, 2), images, 0)  # whose means are whole numbers
    reduced = np.where(exact, reduced, 0).astype(np.uint8)
    shared = after_a_step(SHAPE, lambda model: at_size(model, size), images)
    alone = after_a_step(size, lambda model: model, reduced)
    for one, other in zip(shared, alone, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4, atol=1e-5)


def test_a_training_learns_and_ends_with_images_of_full_size():
    changes = {"fit.epochs": 12, "fit.learning_rate": 0.1, "fit.ema_momentum": 0.5}
    config = CNN.with_values(changes | {"fit.progressive_resizing": RESIZING}).fit
    model, history = trained(config, UNCHANGED, network=CNN.network)
    assert model.input_shape == (None, *SHAPE)
    assert history["val_accuracy"][-1] > 0.9


def test_each_epoch_is_validated_at_the_size_of_its_training_images(monkeypatch):
    sizes = []

    def predict_function(model, network):
        def predict(images):
            sizes.append(network.input_shape[1:3])
            return predict_at_full_size(images)

        predict_at_full_size = steps.predict_function(model, model)
        return predict

    monkeypatch.setattr(loop, "predict_function", predict_function)
    config = CNN.with_values({"fit.epochs": 4, "fit.progressive_resizing": RESIZING}).fit
    trained(config, UNCHANGED, network=CNN.network)
    assert sizes == image_sizes(SHAPE, config)


@pytest.mark.parametrize(
    ("network", "scale", "size"), [("mlp", 0.7, "14 x 21"), ("cnn", 0.1, "2 x 3")]
)
def test_a_network_that_takes_no_smaller_images_is_refused(network, scale, size):
    whole = build(Model.model_validate(MODELS[network]).network, (20, 30), len(CLASSES))
    config = settings(progressive_resizing={"scale": scale, "fraction": 0.5})
    with pytest.raises(ResizingError, match=f"takes no images of {size} pixels; raise scale"):
        at_size(whole, image_sizes((20, 30), config)[0])
