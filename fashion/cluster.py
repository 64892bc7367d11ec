"""Which part this process has in a run of several, told by what launchers set.

KerasTuner's chief and workers are told apart by `KERASTUNER_TUNER_ID`, workers of
`tf.distribute` by `TF_CONFIG`. Nothing of the kind set: the process works alone.
Sources: keras.io/keras_tuner/guides/distributed_tuning and
tensorflow.org/api_docs/python/tf/distribute/cluster_resolver/TFConfigClusterResolver.
"""

import json
import os
from typing import NamedTuple

from fashion.errors import FashionError

TUNER_VARIABLES = ("KERASTUNER_TUNER_ID", "KERASTUNER_ORACLE_IP", "KERASTUNER_ORACLE_PORT")


class ClusterError(FashionError):
    """Variables that do not say which part of which run this process is."""

    exit_code = 2


def follower() -> str | None:
    """The name of this process among those that write no outputs; None if it writes them.

    Raises `ClusterError` where the variables contradict themselves.
    """
    return _tuning_worker() or _training_worker()


def _tuning_worker() -> str | None:
    found = [name for name in TUNER_VARIABLES if os.environ.get(name)]
    if not found:
        return None
    if len(found) < len(TUNER_VARIABLES):
        missing = sorted(set(TUNER_VARIABLES) - set(found))
        raise ClusterError(f"{', '.join(found)} set, but not {', '.join(missing)}; set all or none")
    tuner = os.environ["KERASTUNER_TUNER_ID"]
    return None if "chief" in tuner else tuner


def _training_worker() -> str | None:
    task = training_task()
    return None if task.is_chief else f"{task.kind}{task.place}"


class Task(NamedTuple):
    """A place in a training on several machines: one of `workers` processes."""

    kind: str = "worker"
    place: int = 0
    workers: int = 1
    is_chief: bool = True


def training_task() -> Task:
    """What `TF_CONFIG` says; raises `ClusterError` if that is not a cluster and a place in it."""
    text = os.environ.get("TF_CONFIG")
    if not text:
        return Task()
    try:
        config = json.loads(text)
        cluster, place = config["cluster"], config["task"]
        kind, index = place["type"], int(place["index"])
        hosts = [
            f"{name}{i}" for name in ("chief", "worker") for i in range(len(cluster.get(name, ())))
        ]
        at = hosts.index(f"{kind}{index}")
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ClusterError(
            "TF_CONFIG: expected the hosts of a cluster and one of them as the task, as in "
            '{"cluster": {"worker": ["a:2222", "b:2222"]}, "task": {"type": "worker", "index": 0}}'
            f"; received {text[:200]}"
        ) from error
    return Task(kind, index, len(hosts), is_chief=at == 0)
