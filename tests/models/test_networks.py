import keras
import numpy as np
import pytest

from fashion.config.model import Cnn, Mlp
from fashion.models.layers import NetworkError
from fashion.networks.building import build

SHAPE, CLASSES = (28, 28), 10
IMAGES = np.random.default_rng(0).integers(0, 256, (4, *SHAPE), dtype=np.uint8)


@pytest.fixture
def model(small_model):
    return build(small_model.network, SHAPE, CLASSES)


def test_the_mlp_can_be_that_of_the_original_task():
    model = build(Mlp(kind="mlp", units=[128], dropout=0.3), SHAPE, CLASSES)
    kinds = [type(layer).__name__ for layer in model.layers]
    assert kinds == ["InputLayer", "Rescaling", "Flatten", "Dense", "Dropout", "Dense"]
    assert model.count_params() == 101_770


def test_raw_pixels_go_in_and_probabilities_come_out(model):
    outputs = model.predict(IMAGES, verbose=0)
    assert outputs.shape == (4, CLASSES)
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)


def test_every_layer_has_a_name_of_its_own_choice(small_model):
    once, twice = (build(small_model.network, SHAPE, CLASSES) for _ in range(2))
    assert [layer.name for layer in once.layers] == [layer.name for layer in twice.layers]


@pytest.mark.parametrize(("depth", "convolutions"), [(1, 5), (2, 7)])
def test_each_block_pools_and_adds_a_residual_branch(depth, convolutions):
    network = Cnn(kind="cnn", filters=[2, 3, 4], branch_depth=depth, kernel_size=3, dropout=0.0)
    kinds = [type(layer) for layer in build(network, SHAPE, CLASSES).layers]
    assert kinds.count(keras.layers.Conv2D) == convolutions
    assert kinds.count(keras.layers.MaxPooling2D) == kinds.count(keras.layers.Add) == 2


def test_dropout_is_that_of_the_params():
    for network in (
        Cnn(kind="cnn", filters=[4], branch_depth=1, kernel_size=3, dropout=0.35),
        Mlp(kind="mlp", units=[4], dropout=0.35),
    ):
        layers = build(network, SHAPE, CLASSES).layers
        assert [layer.rate for layer in layers if hasattr(layer, "rate")] == [0.35]


@pytest.mark.parametrize(
    ("network", "seeds"),
    [
        (Mlp(kind="mlp", units=[2, 2], dropout=0.1), [1, 2]),
        (Cnn(kind="cnn", filters=[2, 2], branch_depth=1, kernel_size=3, dropout=0.1), [0]),
    ],
)
def test_each_dropout_layer_has_a_seed_of_its_own(network, seeds):
    for given, base in (({}, 0), ({"seed": 5}, 5)):
        layers = build(network, SHAPE, CLASSES, **given).layers
        found = [layer.seed for layer in layers if isinstance(layer, keras.layers.Dropout)]
        assert found == [base + seed for seed in seeds]


def test_the_cnn_has_these_layers_in_this_order():
    network = Cnn(kind="cnn", filters=[2, 3], branch_depth=1, kernel_size=3, dropout=0.1)
    model = build(network, SHAPE, CLASSES)
    names = [layer.name for layer in model.layers]
    assert names == [
        "images", "scale", "channel", "stem_conv", "stem_norm", "stem_relu",
        "block1_enter_conv", "block1_enter_pool", "block1_enter_norm", "block1_enter_relu",
        "block1_branch1_conv", "block1_branch1_norm", "block1_branch1_relu", "block1_add",
        "pool", "dropout", "probabilities",
    ]  # fmt: skip
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert not any(layer.use_bias for layer in convolutions), "normalisation has an offset"


def test_images_may_be_halved_to_one_pixel():
    network = Cnn(kind="cnn", filters=[2] * 5, branch_depth=1, kernel_size=3, dropout=0.0)
    assert build(network, (16, 20), CLASSES).get_layer("block4_add").output.shape[1:3] == (1, 1)


@pytest.mark.parametrize(
    ("network", "low"),
    [
        (Mlp(kind="mlp", units=[2], dropout=0.0), 0),
        (Cnn(kind="cnn", filters=[2], branch_depth=1, kernel_size=3, dropout=0.0), -1),
    ],
)
def test_pixels_are_scaled_by_the_first_layer(network, low):
    scaled = build(network, SHAPE, CLASSES).layers[1](np.array([0.0, 255.0]))
    np.testing.assert_allclose(scaled, [low, 1], atol=1e-6)


@pytest.mark.parametrize("shape", [(20, 24), (20, 24, 3)])
def test_other_shapes_and_classes_are_other_models(small_model, shape):
    model = build(small_model.network, shape, 3)
    assert (model.input_shape, model.output_shape) == ((None, *shape), (None, 3))


def test_the_first_layer_with_weights_sees_every_channel(small_model):
    model = build(small_model.network, (20, 24, 3), 5)
    first = next(layer for layer in model.layers if layer.weights)
    assert first.kernel.shape[-2] in (3, 20 * 24 * 3)


def test_a_network_too_deep_for_the_images_is_refused():
    network = Cnn(kind="cnn", filters=[4] * 6, branch_depth=1, kernel_size=3, dropout=0.0)
    with pytest.raises(NetworkError, match=r"halve images of 28 x 28 5 times, to nothing"):
        build(network, SHAPE, CLASSES)


def test_filters_give_the_width_of_each_block():
    network = Cnn(kind="cnn", filters=[4, 6], branch_depth=2, kernel_size=5, dropout=0.1)
    model = build(network, SHAPE, CLASSES)
    shapes = [layer.kernel.shape for layer in model.layers if "conv" in layer.name]
    assert shapes == [(5, 5, 1, 4), (5, 5, 4, 6), (5, 5, 6, 6), (5, 5, 6, 6)]
