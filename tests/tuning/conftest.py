"""Images that a few weights can tell apart, and searches that take a second or two."""

from functools import partial

import numpy as np
import pytest
from ruamel.yaml import YAML

from fashion.config.model import Model
from fashion.config.tune import Tune
from fashion.io.files import write_yaml
from fashion.io.labeled_images import npy_files
from fashion.tuning.search import SearchTask
from tests.conftest import FIT, ROOT, UNCHANGED, small_split

RANDOM = {"kind": "random", "epochs": 2, "trials": 3}
BAYESIAN = RANDOM | {"kind": "bayesian", "initial_trials": 2}
HYPERBAND = {"kind": "hyperband", "epochs": 2, "factor": 2, "iterations": 1}
SPACE = {
    "network.units": [[4], [8], [8, 8]],
    "augment.flip": [False, True],
    "fit.learning_rate": {"low": 0.001, "high": 0.1, "sampling": "log"},
}
MODEL = {
    "network": {"kind": "mlp", "units": [8], "dropout": 0.0},
    "augment": UNCHANGED,
    "fit": FIT
    | {"epochs": 5, "batch_size": 50, "selection": FIT["selection"] | {"hard_fraction": 0.0}},
    "tta": "none",
}


bars = partial(small_split, classes=10, shape=(28, 28))


def tune_section(algorithm, **changes):
    section = {"network": "mlp", "seed": 0, "validation_images": 50}
    return section | {"algorithm": algorithm, "space": SPACE} | changes


def make_checkout(folder, tune):
    """The files that the search reads, in `folder`, with a tiny network and the section `tune`."""
    document = YAML(typ="safe").load(ROOT / "params.yaml")
    document["models"]["mlp"] = MODEL
    document["tune"] = tune
    document["train"] = {"seed": 0, "threads": 2}
    for split, per_class in (("train", 40), ("validation", 5)):
        files = npy_files(folder / "data/processed", split)
        files[0].parent.mkdir(parents=True)
        for file, array in zip(files, bars(per_class, seed=per_class), strict=True):
            np.save(file, array)
    write_yaml(folder / "params.yaml", document)


@pytest.fixture
def make_task():
    def make(algorithm=RANDOM, **changes):
        tune = Tune.model_validate(tune_section(algorithm, **changes))
        base = Model.model_validate(MODEL)
        return SearchTask(tune, base, bars(30, seed=1), bars(5, seed=2), key="k" * 64)

    return make
