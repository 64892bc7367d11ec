"""Training on several devices or machines, each with its shard of every batch.

`make_strategy` uses the machines that `TF_CONFIG` names, else the GPUs of this machine, else its
processor. All other code is the same in each case: every replica computes on its shard of a batch,
gradients and statistics are summed over all replicas, and all have the same weights after a step.
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

TASK = re.compile(r"/job:(?P<role>\w+)/replica:0/task:(?P<index>\d+)")
LOST = (
    tf.errors.AbortedError,
    tf.errors.CancelledError,
    tf.errors.DeadlineExceededError,
    tf.errors.InternalError,
    tf.errors.UnavailableError,
)


class DistributionError(FashionError):
    """Workers that cannot train together, or a worker that was lost."""


def make_strategy() -> tf.distribute.Strategy:
    """The strategy for `TF_CONFIG` and the devices of this machine.

    Call this before TensorFlow's first operation; build and train models in the strategy's
    `scope()`. Sources: `MultiWorkerMirroredStrategy` and `MirroredStrategy` in
    tensorflow.org/api_docs/python/tf/distribute.
    """
    if training_task().workers > 1:
        os.environ.setdefault("GRPC_FAIL_FAST", "true")  # a lost worker raises an error at once
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def replicas() -> int:
    """The number of shards of a batch."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def shard(batch: tf.Tensor) -> tf.Tensor:
    """This replica's rows of `batch`, whose size is static; for use in `Strategy.run`."""
    if replicas() == 1:
        return batch
    size = batch.shape[0] // replicas()
    start = tf.distribute.get_replica_context().replica_id_in_sync_group * size
    return batch[start : start + size]


def gather(outputs: tf.Tensor) -> tf.Tensor:
    """The `outputs` of all replicas, concatenated in the order of their shards."""
    if replicas() == 1:
        return outputs
    return tf.distribute.get_replica_context().all_gather(outputs, axis=0)


def local_result(result: Any) -> Any:
    """The result of the first replica of this process, from what `Strategy.run` returned."""
    return tf.distribute.get_strategy().experimental_local_results(result)[0]


class SharedCheckpoint(Checkpoint):
    """A checkpoint that the chief alone writes and reads, and from which all workers resume."""

    def load(self) -> State | None:
        """The chief's state, in every worker; call this in the strategy's `scope()`."""
        if training_task().workers == 1:
            return super().load()
        state = super().load() if training_task().is_chief else None
        content = from_chief(pack({"logs": state.logs}, state.arrays) if state else b"")
        if not content:
            return None
        header, arrays = unpack(content)
        return State(header["logs"], arrays)

    def save(self, logs: Sequence[dict[str, float]], arrays: Iterable[np.ndarray]) -> None:
        """Replace the state, if this is the chief."""
        if training_task().is_chief:
            super().save(logs, arrays)


def from_chief(content: bytes) -> bytes:
    """The chief's `content`, in every worker: a new variable starts with the chief's value."""
    length = int(local_result(tf.Variable(len(content), dtype=tf.int64)))
    size = -(-length // 4) * 4  # TensorFlow sends no bytes, but integers of four bytes
    words = np.frombuffer(content[:size].ljust(size, b"\0"), np.int32)
    return local_result(tf.Variable(words)).numpy().tobytes()[:length] if length else b""


def check_agreement(key: str) -> None:
    """Raise `DistributionError` unless `key`, of fixed length, equals the chief's key."""
    if training_task().workers > 1 and from_chief(key.encode()) != key.encode():
        raise DistributionError(
            "the code, data or parameters of this worker differ from the chief's; check out the "
            "same commit on both and run `dvc repro preprocess` on each"
        )


@contextmanager
def reporting_lost_workers() -> Iterator[None]:
    """Raise `DistributionError` if the block fails because another worker is gone."""
    try:
        yield
    except LOST as error:
        if training_task().workers == 1:
            raise
        task = TASK.search(error.message)
        lost = f"{task['role']} {task['index']}" if task else "another worker"
        raise DistributionError(
            f"{lost} was lost; start all workers again, and training resumes after its last "
            "complete epoch"
        ) from error
