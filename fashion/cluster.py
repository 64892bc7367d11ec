"""The role of this process among several, from the environment variables that launchers set.

`KERASTUNER_TUNER_ID` names a process of a KerasTuner search, `TF_CONFIG` a worker of
`tf.distribute`. If neither is set, the process works alone.
Sources: keras.io/keras_tuner/guides/distributed_tuning and
tensorflow.org/api_docs/python/tf/distribute/cluster_resolver/TFConfigClusterResolver.
"""

import json
import os
from typing import NamedTuple

from fashion.errors import FashionError

TUNER_VARIABLES = ("KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT")


class ClusterError(FashionError):
    """Environment variables that do not describe a process of a cluster."""

    exit_code = 2


class Task(NamedTuple):
    """A process of a distributed training, which has `workers` processes."""

    name: str = "worker0"
    workers: int = 1
    is_chief: bool = True


def tuner_name() -> str | None:
    """The name of this process among the workers of a search; None for its chief, or alone.

    Raises `ClusterError` if only some of KerasTuner's variables are set.
    """
    missing = [name for name in TUNER_VARIABLES if name not in os.environ]
    if 0 < len(missing) < len(TUNER_VARIABLES):
        raise ClusterError(f"expected {', '.join(missing)} to be set like the others of KerasTuner")
    tuner = os.environ.get("KERASTUNER_TUNER_ID", "chief")
    return None if "chief" in tuner else tuner  # KerasTuner tells them apart in this way


def worker_name() -> str | None:
    """The name of this process among the workers of a training; None for the chief, or alone."""
    task = training_task()
    return None if task.is_chief else task.name


def training_task() -> Task:
    """The task that `TF_CONFIG` describes.

    Raises `ClusterError` if it does not hold a cluster and one of its hosts.
    """
    text = os.environ.get("TF_CONFIG")
    if not text:
        return Task()
    try:
        config = json.loads(text)
        cluster, task = config["cluster"], config["task"]
        hosts = [
            f"{role}{i}" for role in ("chief", "worker") for i in range(len(cluster.get(role, ())))
        ]
        name = f"{task['type']}{int(task['index'])}"
        is_chief = hosts.index(name) == 0
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClusterError(
            "TF_CONFIG: expected the hosts of a cluster and one of them as the task, as in "
            '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'
            f"; received {text[:200]}"
        ) from error
    return Task(name, len(hosts), is_chief)
