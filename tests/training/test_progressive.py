"""Progressive resizing: which epochs see smaller images, and that the weights stay one."""

import numpy as np
import pytest
import tensorflow as tf

from fashion.config.model import Model
from fashion.models.determinism import make_deterministic
from fashion.networks.building import build
from fashion.training.loop import compile_model
from fashion.training.progressive import ResizingError, at_size, image_sizes, resize
from fashion.training.steps import train_function
from tests.conftest import CLASSES, MODELS, SHAPE, small_part
from tests.training.test_loop import FIT, UNCHANGED, flat, settings, trained

SMALL = (10, 14)
CNN = Model.model_validate(MODELS["cnn"])
RESIZING = {"scale": 0.7, "fraction": 0.5}


@pytest.mark.parametrize(
    ("epochs", "resizing", "early"),
    [
        (4, RESIZING, 2),
        (58, RESIZING | {"fraction": 0.44}, 26),
        (1, RESIZING | {"fraction": 0.9}, 1),
        (3, RESIZING | {"fraction": 0.1}, 0),
    ],
)
def test_the_first_part_of_the_epochs_sees_smaller_images(epochs, resizing, early):
    config = settings(epochs=epochs, progressive_resizing=resizing)
    assert image_sizes((20, 30), config) == [(14, 21)] * early + [(20, 30)] * (epochs - early)


def test_without_it_every_epoch_sees_whole_images():
    assert image_sizes((20, 30), FIT) == [(20, 30)] * FIT.epochs


@pytest.mark.parametrize("channels", [(), (1,), (3,)])
def test_pixels_are_means_over_areas(channels):
    images = np.random.default_rng(0).integers(0, 256, (5, 20, 28, *channels)).astype(np.float32)
    means = images.reshape(5, 10, 2, 14, 2, *channels).mean((2, 4))
    np.testing.assert_allclose(resize(tf.constant(images), SMALL), means, rtol=1e-5)


@pytest.mark.parametrize("channels", [(), (3,)])
def test_images_of_the_right_size_are_not_resized(channels):
    images = tf.zeros((5, 20, 28, *channels))
    assert resize(images, (20, 28)) is images


@pytest.mark.parametrize(
    ("size", "scale", "smaller"), [((20, 30), 0.025, (1, 1)), ((20, 30), 0.07, (1, 2))]
)
def test_each_side_has_at_least_one_pixel(size, scale, smaller):
    resizing = {"scale": scale, "fraction": 0.5}
    assert image_sizes(size, settings(epochs=2, progressive_resizing=resizing))[0] == smaller


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


def test_a_step_on_small_images_is_one_of_a_network_of_that_size():
    images, labels = small_part(per_class=4, seed=0)
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


def test_the_whole_training_learns_and_ends_on_whole_images():
    changes = {"fit.epochs": 12, "fit.learning_rate": 0.1, "fit.ema_momentum": 0.5}
    config = CNN.changed(changes | {"fit.progressive_resizing": RESIZING}).fit
    model, history = trained(config, UNCHANGED, network=CNN.network)
    assert model.input_shape == (None, *SHAPE)
    assert history["val_accuracy"][-1] > 0.9


def test_a_refused_size_is_named_as_height_by_width():
    whole = build(CNN.network, (20, 30), len(CLASSES))
    with pytest.raises(ResizingError, match="takes no images of 2 x 3 pixels; raise scale"):
        at_size(whole, (2, 3))


@pytest.mark.parametrize(("network", "scale"), [("mlp", 0.7), ("cnn", 0.1)])
def test_a_network_that_takes_no_smaller_images_is_refused(network, scale):
    model = Model.model_validate(MODELS[network])
    resizing = {"scale": scale, "fraction": 0.5}
    with pytest.raises(ResizingError, match=r"takes no images of (14 x 14|2 x 2) pixels"):
        trained(settings(progressive_resizing=resizing), network=model.network)
