"""SavedModels agree with Keras."""

import numpy as np
import tensorflow as tf

from fashion.models.saving import write_model
from tests.conftest import SHAPE, write_yaml
from tests.export.conftest import IMAGES, make_model
from tools import saved_model


def test_a_saved_model_predicts_like_keras_and_replaces_the_last_one(tmp_path, small_document):
    write_yaml(tmp_path / "params.yaml", small_document)
    model = make_model("mlp")
    write_model(tmp_path / "mlp.keras", model)
    stale = tmp_path / "mlp.savedmodel" / "stale"
    stale.parent.mkdir()
    stale.touch()
    saved_model.main("mlp", str(tmp_path), str(tmp_path / "params.yaml"))
    assert not stale.exists()
    serve = tf.saved_model.load(tmp_path / "mlp.savedmodel").signatures["serving_default"]
    assert serve.structured_input_signature[1]["images"].shape.as_list() == [None, *SHAPE]
    predictions = serve(images=tf.constant(IMAGES))
    assert sorted(predictions) == ["features", "logits", "probabilities"]
    np.testing.assert_allclose(
        predictions["probabilities"], model.predict(IMAGES, verbose=0), atol=1e-6
    )
