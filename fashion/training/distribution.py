"""Training on several devices or machines at once, each with its part of every batch.

`make_strategy` takes what there is: the machines that `TF_CONFIG` names, else the GPUs of this
one, else its processor. Everything else is the same code: each replica computes on its part of a
batch, gradients and statistics are summed over all, and all hold the same weights after a step.
"""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
import tensorflow as tf

from fashion.cluster import training_task
from fashion.errors import FashionError
from fashion.training.checkpoints import Checkpoint, State, pack, unpack

TASK = re.compile(r"/job:(?P<kind>\w+)/replica:0/task:(?P<index>\d+)")
LOST = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
)


class DistributionError(FashionError):
    """Workers that cannot train together, or one of which was lost."""


def make_strategy() -> tf.distribute.Strategy:
    """What `TF_CONFIG` and the devices of this machine ask for.

    To be made before TensorFlow's first operation; build and train models in its `scope()`.
    Sources: `MultiWorkerMirroredStrategy` and `MirroredStrategy` in
    tensorflow.org/api_docs/python/tf/distribute.
    """
    if training_task().workers > 1:
        os.environ.setdefault("GRPC_FAIL_FAST", "true")  # a lost worker is an error at once
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def replicas() -> int:
    """How many parts a batch is divided into."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def shard(batch: tf.Tensor) -> tf.Tensor:
    """The rows of `batch` (of static size) that are this replica's, in `Strategy.run`."""
    if replicas() == 1:
        return batch
    size = batch.shape[0] // replicas()
    start = tf.distribute.get_replica_context().replica_id_in_sync_group * size
    return batch[start : start + size]


def gather(outputs: tf.Tensor) -> tf.Tensor:
    """The rows of every replica's `outputs`, in the order of their parts."""
    if replicas() == 1:
        return outputs
    return tf.distribute.get_replica_context().all_gather(outputs, axis=0)


def local_result(result: Any) -> Any:
    """What the first replica of this process returned from `Strategy.run`."""
    return tf.distribute.get_strategy().experimental_local_results(result)[0]


class SharedCheckpoint(Checkpoint):
    """The checkpoint of the chief alone, from which all workers resume."""

    def load(self) -> State | None:
        """The chief's state, in every worker; to be called in the strategy's `scope()`."""
        if training_task().workers == 1:
            return super().load()
        state = super().load() if training_task().is_chief else None
        content = from_chief(pack({"logs": state.logs}, state.arrays) if state else b"")
        if not content:
            return None
        header, arrays = unpack(content)
        return State(header["logs"], arrays)

    def save(self, logs: Sequence[dict[str, float]], arrays: Iterable[np.ndarray]) -> None:
        """Keep the state, if this is the chief."""
        if training_task().is_chief:
            super().save(logs, arrays)


def from_chief(content: bytes) -> bytes:
    """The chief's `content`, in every worker: a new variable starts with the chief's value."""
    length = int(local_result(tf.Variable(len(content), dtype=tf.int64)))
    size = -(-length // 4) * 4  # TensorFlow sends no bytes, but integers of four
    words = np.frombuffer(content[:size].ljust(size, b"\0"), np.int32)
    return local_result(tf.Variable(words)).numpy().tobytes()[:length] if length else b""


def check_agreement(key: str) -> None:
    """Raise `DistributionError` unless `key`, of fixed length, is the chief's, too."""
    if training_task().workers > 1 and from_chief(key.encode()) != key.encode():
        raise DistributionError(
            "this worker has other code, data or parameters than the chief; give all the same "
            "commit and run `dvc repro preprocess` on each"
        )


@contextmanager
def reporting_lost_workers() -> Iterator[None]:
    """Raise `DistributionError` where the block fails because another worker is gone."""
    try:
        yield
    except LOST as error:
        if training_task().workers == 1:
            raise
        task = TASK.search(error.message)
        lost = f"{task['kind']} {task['index']}" if task else "another worker"
        raise DistributionError(
            f"{lost} was lost; start all workers again, and training resumes after its last "
            "complete epoch"
        ) from error
