"""A model of each architecture with random weights, and its exported formats."""

import keras
import pytest

from fashion.config.model import Model
from fashion.export.formats import make_files
from fashion.inference.model import make_bank, make_inference_model
from fashion.io.labeled_images import LabeledImages
from fashion.models.saving import portable
from fashion.networks.building import build
from tests.conftest import CLASSES, MODELS, SHAPE, small_split

K = 3
METADATA = {
    "name": "small",
    "classes": CLASSES,
    "image_shape": list(SHAPE),
    "ood_threshold": 0.25,
    "min_confidence": 0.5,
}
DATA = LabeledImages(*small_split(per_class=20, seed=1))
IMAGES = DATA.images


def make_model(name, **changes):
    """A saved network of `MODELS`, with moving statistics unlike those of a new one."""
    keras.utils.set_random_seed(0)
    network = Model.model_validate(MODELS[name]).network.model_copy(update=changes)
    model = portable(build(network, SHAPE, len(CLASSES)))
    for weight in model.weights:
        spread = keras.random.uniform(weight.shape, -0.3, 0.3, seed=len(weight.path))
        weight.assign(spread + (1.0 if "norm" in weight.path else 0.0))
    return model


def export(model, **options):
    """The inference model, its bank and all formats."""
    inference_model = make_inference_model(model)
    bank = make_bank(inference_model, DATA, size=50)
    return (
        inference_model,
        bank,
        make_files(inference_model, bank, K, IMAGES[:20], METADATA, **options),
    )


@pytest.fixture(scope="session", params=MODELS)
def network(request):
    return request.param


@pytest.fixture(scope="session")
def exported(network):
    return export(make_model(network))


@pytest.fixture(scope="session")
def expected(exported):
    """What Keras predicts for `IMAGES`."""
    outputs = exported[0].predict(IMAGES, verbose=0)
    return outputs | {"ood_score": exported[1].distances(outputs["features"], K)}


@pytest.fixture(scope="session")
def files(exported):
    return exported[2]
