"""The original task as one writes it with Keras alone: Adam, batches of 32, `Model.fit`.

In: `data/processed/*.npy`. Out: `plain.keras` and `plain.json` (test loss and accuracy) in the
current folder. The yardstick of `benchmarks.baseline`. Run: `python -m benchmarks.plain SEED`.
"""

import json
from pathlib import Path

import keras
import numpy as np
from keras import layers

from fashion import command


def main(seed: str) -> None:
    """Train 784-128-10 for 20 epochs, evaluate it, save it."""
    keras.utils.set_random_seed(int(seed))
    data = {path.stem: np.load(path) for path in Path("data/processed").glob("*.npy")}
    train, validation, test = (
        (data[f"{split}_images"] / np.float32(255), data[f"{split}_labels"])
        for split in ("train", "validation", "test")
    )
    model = keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )
    model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(*train, epochs=20, batch_size=32, validation_data=validation, verbose=2)
    scores = model.evaluate(*test, verbose=0, return_dict=True)
    model.save("plain.keras")
    Path("plain.json").write_text(json.dumps(scores), encoding="utf-8")


if __name__ == "__main__":
    command.run(main, "seed")
