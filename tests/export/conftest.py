"""A model of each kind with weights as if it were trained, and its exported formats."""

import keras
import numpy as np
import pytest

from fashion.config.model import Model
from fashion.export import formats
from fashion.inference_model import make_inference_model
from fashion.models.saving import portable
from fashion.networks.building import build
from tests.conftest import CLASSES, MODELS, SHAPE, small_part

NEAREST = 3
ROWS = np.arange(0, 100, 2)  # of the training images, those kept
METADATA = {
    "name": "small",
    "classes": CLASSES,
    "image_shape": list(SHAPE),
    "metrics": {"accuracy": 0.5},
    "ood_threshold": 0.25,
    "min_confidence": 0.5,
}
IMAGES, LABELS = small_part(per_class=20, seed=1)


def make_model(kind, **changes):
    """Of Keras' own layers, as models are saved; moving statistics are not those of a new one.

    `changes` are of the network's parameters.
    """
    keras.utils.set_random_seed(0)
    network = Model.model_validate(MODELS[kind]).network.model_copy(update=changes)
    model = portable(build(network, SHAPE, len(CLASSES)))
    for weight in model.weights:
        spread = keras.random.uniform(weight.shape, -0.3, 0.3, seed=len(weight.path))
        weight.assign(spread + (1.0 if "norm" in weight.path else 0.0))
    return model


def export(model):
    """The answering model and all its formats."""
    predictions = make_inference_model(model)
    graph = formats.make_graph(predictions, IMAGES, ROWS, NEAREST)
    return predictions, formats.make_files(predictions, graph, IMAGES[:20], METADATA)


@pytest.fixture(scope="session", params=MODELS)
def kind(request):
    return request.param


@pytest.fixture(scope="session")
def model(kind):
    return make_model(kind)


@pytest.fixture(scope="session")
def exported(model):
    return export(model)
