"""The same task as a plain Keras script, with Adam and `Model.fit`.

In: `data/processed/`. Out: `plain.keras` and `plain.json` (test loss and accuracy) in the current
folder. The baseline of `benchmarks.baseline`.
Run: `python -m benchmarks.plain SEED BATCH_SIZE LEARNING_RATE`.
"""

import keras
import numpy as np
from keras import layers

from fashion import cli
from fashion.io.files import write_json
from fashion.io.labeled_images import load_split

EPOCHS = 20


def main(seed: str, batch_size: str, learning_rate: str) -> None:
    """Train the network for `EPOCHS` epochs, evaluate it, save it."""
    keras.utils.set_random_seed(int(seed))
    train, validation, test = map(_read, ("train", "validation", "test"))
    model = make_network()
    optimizer = keras.optimizers.Adam(float(learning_rate))
    model.compile(optimizer, "sparse_categorical_crossentropy", metrics=["accuracy"])
    model.fit(
        *train, epochs=EPOCHS, batch_size=int(batch_size), validation_data=validation, verbose=2
    )
    write_json("plain.json", model.evaluate(*test, verbose=0, return_dict=True))
    model.save("plain.keras")


def make_network() -> keras.Model:
    """An untrained network with the layers 784-128-10."""
    return keras.Sequential(
        [
            keras.Input((28, 28)),
            layers.Flatten(),
            layers.Dense(128, activation="relu"),
            layers.Dropout(0.3),
            layers.Dense(10, activation="softmax"),
        ]
    )


def _read(split: str) -> tuple[np.ndarray, np.ndarray]:
    """Images as float32 from 0 to 1, and labels."""
    images, labels = load_split("data/processed", split)
    return images / np.float32(255), labels


if __name__ == "__main__":
    cli.run(main, "seed", "batch_size", "learning_rate")
