import keras
import numpy as np
import pytest

from fashion.config.model import Cnn, Mlp
from fashion.models.layers import NetworkError, trainable_parameters
from fashion.networks.building import build

SHAPE, CLASSES = (28, 28), 10
MLP = Mlp(kind="mlp", units=[2, 2], dropout=0.1)
CNN = Cnn(kind="cnn", filters=[4, 6], branch_depth=1, kernel_size=5, dropout=0.1)


def layer_types(model):
    return [type(layer).__name__ for layer in model.layers]


def test_the_mlp_can_be_784_128_10():
    model = build(Mlp(kind="mlp", units=[128], dropout=0.3), SHAPE, CLASSES)
    assert layer_types(model) == ["InputLayer", "Rescaling", "Flatten", "Dense", "Dropout", "Dense"]
    assert trainable_parameters(model) == 101_770


def test_the_cnn_has_these_layers_in_this_order():
    model = build(CNN, SHAPE, CLASSES)
    assert [layer.name for layer in model.layers] == [
        "images", "scale", "channel", "stem_conv", "stem_norm", "stem_relu",
        "block1_enter_conv", "block1_enter_pool", "block1_enter_norm", "block1_enter_relu",
        "block1_branch1_conv", "block1_branch1_norm", "block1_branch1_relu", "block1_add",
        "pool", "dropout", "probabilities",
    ]  # fmt: skip
    convolutions = [layer for layer in model.layers if isinstance(layer, keras.layers.Conv2D)]
    assert [conv.kernel.shape for conv in convolutions] == [
        (5, 5, 1, 4),
        (5, 5, 4, 6),
        (5, 5, 6, 6),
    ]
    assert not any(conv.use_bias for conv in convolutions), "normalisation has an offset"
    weights = sum(np.prod(conv.kernel.shape) for conv in convolutions)
    assert trainable_parameters(model) == weights + 2 * (4 + 6 + 6) + 6 * 10 + 10


@pytest.mark.parametrize(("depth", "convolutions"), [(1, 5), (2, 7)])
def test_each_block_has_a_residual_branch_of_the_given_depth(depth, convolutions):
    network = CNN.model_copy(update={"filters": (2, 3, 4), "branch_depth": depth})
    names = layer_types(build(network, SHAPE, CLASSES))
    assert names.count("Conv2D") == convolutions
    assert names.count("MaxPooling2D") == names.count("Add") == 2


@pytest.mark.parametrize(("network", "seeds"), [(MLP, [6, 7]), (CNN, [5])])
def test_each_dropout_layer_has_the_rate_of_the_parameters_and_its_own_seed(network, seeds):
    layers = build(network, SHAPE, CLASSES, seed=5).layers
    dropouts = [layer for layer in layers if isinstance(layer, keras.layers.Dropout)]
    assert [(layer.rate, layer.seed) for layer in dropouts] == [(0.1, seed) for seed in seeds]


@pytest.mark.parametrize(("network", "low"), [(MLP, 0), (CNN, -1)])
def test_the_first_layer_scales_the_pixels(network, low):
    scaled = build(network, SHAPE, CLASSES).layers[1](np.array([0.0, 255.0]))
    np.testing.assert_allclose(scaled, [low, 1], atol=1e-6)


@pytest.mark.parametrize("network", [MLP, CNN])
@pytest.mark.parametrize("shape", [(20, 24), (20, 24, 3)])
def test_images_of_any_shape_give_probabilities_by_layers_with_fixed_names(network, shape):
    once, twice = (build(network, shape, 3) for _ in range(2))
    assert [layer.name for layer in once.layers] == [layer.name for layer in twice.layers]
    images = np.random.default_rng(0).integers(0, 256, (4, *shape), dtype=np.uint8)
    outputs = once.predict(images, verbose=0)
    assert outputs.shape == (4, 3)
    np.testing.assert_allclose(outputs.sum(axis=1), 1, rtol=1e-5)
    first = next(layer for layer in once.layers if layer.weights)
    assert first.kernel.shape[-2] in (*shape[2:], 1, np.prod(shape))


def test_images_may_be_halved_to_one_pixel_and_no_further():
    network = CNN.model_copy(update={"filters": (2,) * 5})
    assert build(network, (16, 20), CLASSES).get_layer("block4_add").output.shape[1:3] == (1, 1)
    with pytest.raises(NetworkError, match="the 4 blocks of this network halve images of 15 x 20"):
        build(network, (15, 20), CLASSES)
