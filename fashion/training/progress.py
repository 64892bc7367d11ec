"""What a person sees while a network trains: the time left, and curves in TensorBoard."""

import shutil
import time
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import accumulate
from pathlib import Path

import keras

MINUTE = 60


class TimeLeft(keras.callbacks.Callback):
    """Print how long the training will still take, in front of Keras' line for each epoch.

    `work` has the relative duration of each epoch. The first epoch after a start or a resumption is
    measured only.
    """

    def __init__(self, work: Sequence[float]):
        super().__init__()
        self.done = [0.0, *accumulate(work)]
        self.start: tuple[int, float] | None = None

    def on_epoch_begin(self, epoch: int, logs: object = None) -> None:  # noqa: ARG002
        """Print the time left, without a line break."""
        now = time.perf_counter()
        first, started = self.start = self.start or (epoch, now)
        if epoch > first:
            speed = (self.done[epoch] - self.done[first]) / (now - started)
            left = (self.done[-1] - self.done[epoch]) / speed
            text = f"{left / MINUTE:.0f} min" if left > 2 * MINUTE else f"{left:.0f} s"
            print(f"{text} left, ", end="", flush=True)


def tensorboard(folder: Path) -> list[keras.callbacks.Callback]:
    """Keras' callback that writes event files into `folder`, if TensorBoard is installed.

    Files of earlier trainings there are removed: a training that resumes writes all epochs again.
    """
    if not find_spec("tensorboard"):
        return []
    shutil.rmtree(folder, ignore_errors=True)
    return [keras.callbacks.TensorBoard(folder, write_graph=False)]
