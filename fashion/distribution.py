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

from fashion.checkpoints import Checkpoints, State, pack, unpack
from fashion.cluster import training_task
from fashion.errors import FashionError

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
        os.environ.setdefault("GRPC_FAIL_FAST", "true")  # who asks a lost worker is told at once
        return tf.distribute.MultiWorkerMirroredStrategy()
    if len(tf.config.list_physical_devices("GPU")) > 1:
        return tf.distribute.MirroredStrategy()
    return tf.distribute.get_strategy()


def replicas() -> int:
    """How many parts a batch is divided into."""
    return tf.distribute.get_strategy().num_replicas_in_sync


def own_part(batch: tf.Tensor) -> tf.Tensor:
    """The rows of `batch` (of static size) that are this replica's, in `Strategy.run`."""
    if replicas() == 1:
        return batch
    size = batch.shape[0] // replicas()
    start = tf.distribute.get_replica_context().replica_id_in_sync_group * size
    return batch[start : start + size]


def from_all(loss: tf.Tensor, outputs: tf.Tensor) -> tuple[tf.Tensor, tf.Tensor]:
    """The sum of every replica's `loss`, and the rows of their `outputs` in the order of parts."""
    if replicas() == 1:
        return loss, outputs
    context = tf.distribute.get_replica_context()
    return (
        context.all_reduce(tf.distribute.ReduceOp.SUM, loss),
        context.all_gather(outputs, axis=0),
    )


def first(result: Any) -> Any:
    """What the first replica of this process returned from `Strategy.run`."""
    return tf.distribute.get_strategy().experimental_local_results(result)[0]


class SharedCheckpoints(Checkpoints):
    """Checkpoints of the chief alone, from which all workers go on."""

    def load(self) -> State | None:
        """The chief's newest whole state, in every worker."""
        if training_task().workers == 1:
            return super().load()
        state = super().load() if training_task().is_chief else None
        content = _from_chief(pack({"logs": state.logs}, state.arrays) if state else b"")
        if not content:
            return None
        header, arrays = unpack(content)
        return State(header["logs"], arrays)

    def save(self, logs: Sequence[dict[str, float]], arrays: Iterable[np.ndarray]) -> None:
        """Keep the state, if this is the chief."""
        if training_task().is_chief:
            super().save(logs, arrays)


def _from_chief(content: bytes | memoryview) -> bytes:
    """The chief's `content`, in every worker: what all others add to its bytes is zero."""
    own = content if training_task().is_chief else b""
    length = int(_over_all(np.array([len(own)], np.int32), gather=False)[0])
    if not length:  # TensorFlow 2.21 cannot sum nothing
        return b""
    words = np.zeros(-(-length // 4), np.int32)
    words.view(np.uint8)[: len(own)] = np.frombuffer(own, np.uint8)
    return _over_all(words, gather=False).tobytes()[:length]


def check_agreement(key: str) -> None:
    """Raise `DistributionError` unless `key` (64 hexadecimal digits) is the same in all workers."""
    if training_task().workers == 1:
        return
    keys = _over_all(np.frombuffer(bytes.fromhex(key), np.int32)[None], gather=True)
    others = [str(place) for place, row in enumerate(keys) if (row != keys[0]).any()]
    if others:
        raise DistributionError(
            f"workers {', '.join(others)} have other code, data or parameters than the first; "
            "give all the same commit and run `dvc repro preprocess` on each"
        )


def _over_all(values: np.ndarray, *, gather: bool) -> np.ndarray:
    """`values` (int32) of the first replicas of all processes: their sum, or all their rows."""
    strategy = tf.distribute.get_strategy()
    replicas_each = strategy.num_replicas_in_sync // training_task().workers

    def exchange(own: tf.Tensor) -> tf.Tensor:
        context = tf.distribute.get_replica_context()
        own = tf.identity(own)  # on the replica's own device
        if gather:
            return context.all_gather(own, axis=0)
        is_first = context.replica_id_in_sync_group % replicas_each == 0
        return context.all_reduce(tf.distribute.ReduceOp.SUM, own * tf.cast(is_first, own.dtype))

    exchanged = first(tf.function(strategy.run)(exchange, (tf.constant(values),))).numpy()
    return exchanged[::replicas_each] if gather else exchanged


@contextmanager
def telling_of_lost_workers() -> Iterator[None]:
    """Raise `DistributionError` where the block fails because another worker is gone."""
    try:
        yield
    except LOST as error:
        if training_task().workers == 1:
            raise
        told = TASK.search(error.message)
        lost = f"{told['kind']} {told['index']}" if told else "another worker"
        raise DistributionError(
            f"{lost} was lost; start all workers again, and training goes on after its last whole "
            "epoch"
        ) from error
