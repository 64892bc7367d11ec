"""Who writes outputs, by the variables that launchers set."""

import json

import pytest

from fashion.cluster import (
    TUNER_VARIABLES,
    ClusterError,
    Task,
    training_task,
    tuner_name,
    worker_name,
)

HOSTS = {"worker": ["a:2222", "b:2222"]}


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    for name in TUNER_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("TF_CONFIG", raising=False)


def tuner(monkeypatch, name):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", name)
    monkeypatch.setenv("KERASTUNER_ORACLE_IP", "127.0.0.1")
    monkeypatch.setenv("KERASTUNER_ORACLE_PORT", "8000")


def task(monkeypatch, cluster, kind, index):
    config = {"cluster": cluster, "task": {"type": kind, "index": index}}
    monkeypatch.setenv("TF_CONFIG", json.dumps(config))


def test_a_process_alone_writes_its_outputs():
    assert worker_name() is None
    assert tuner_name() is None
    assert training_task() == Task("worker0", workers=1, is_chief=True)


def test_a_tuners_chief_writes_and_its_workers_do_not(monkeypatch):
    tuner(monkeypatch, "chief")
    assert tuner_name() is None
    tuner(monkeypatch, "worker-3")
    assert tuner_name() == "worker-3"
    assert worker_name() is None, "a training has no part in a search"


def test_half_of_the_tuners_variables_are_refused(monkeypatch):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker-3")
    with pytest.raises(ClusterError, match="KERASTUNER_ORACLE_IP, KERASTUNER_ORACLE_PORT") as told:
        tuner_name()
    assert told.value.exit_code == 2


@pytest.mark.parametrize("missing", TUNER_VARIABLES)
def test_a_single_missing_variable_of_the_tuner_is_named(monkeypatch, missing):
    tuner(monkeypatch, "worker-3")
    monkeypatch.delenv(missing)
    with pytest.raises(ClusterError, match=f"^expected {missing} to be set"):
        tuner_name()


@pytest.mark.parametrize(
    ("cluster", "kind", "index", "name"),
    [
        (HOSTS, "worker", 0, None),
        (HOSTS, "worker", 1, "worker1"),
        ({"chief": ["a:2222"], "worker": ["b:2222"]}, "chief", 0, None),
        ({"chief": ["a:2222"], "worker": ["b:2222"]}, "worker", 0, "worker0"),
        ({"worker": ["a:2222"]}, "worker", 0, None),
    ],
)
def test_the_first_of_a_training_writes(monkeypatch, cluster, kind, index, name):
    task(monkeypatch, cluster, kind, index)
    assert worker_name() == name
    task_here = training_task()
    assert task_here.name == f"{kind}{index}"
    assert task_here.workers == sum(map(len, cluster.values()))
    assert task_here.is_chief == (name is None)


@pytest.mark.parametrize(
    "text",
    ["{", "[]", "{}", '{"cluster": {}}', json.dumps({"cluster": HOSTS, "task": {"type": "ps"}})],
)
def test_a_broken_tf_config_is_told(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ClusterError, match="TF_CONFIG"):
        worker_name()


def test_a_long_tf_config_is_cut(monkeypatch):
    monkeypatch.setenv("TF_CONFIG", "x" * 300)
    with pytest.raises(ClusterError, match=r"; received x{200}$"):
        training_task()


def test_a_task_that_is_not_in_its_cluster_is_told(monkeypatch):
    task(monkeypatch, HOSTS, "worker", 2)
    with pytest.raises(ClusterError, match="TF_CONFIG"):
        training_task()
