"""The role of a process, by the environment variables that launchers set."""

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
WITH_CHIEF = {"chief": ["a:2222"], "worker": ["b:2222"]}


@pytest.fixture(autouse=True)
def _alone(monkeypatch):
    for name in (*TUNER_VARIABLES, "TF_CONFIG"):
        monkeypatch.delenv(name, raising=False)


def tf_config(cluster, role, index):
    return json.dumps({"cluster": cluster, "task": {"type": role, "index": index}})


def test_a_process_alone_is_the_chief():
    assert (worker_name(), tuner_name()) == (None, None)
    assert training_task() == Task("worker0", workers=1, is_chief=True)


@pytest.mark.parametrize(("name", "expected"), [("chief", None), ("worker-3", "worker-3")])
def test_a_worker_of_a_search_has_a_name_and_its_chief_has_none(monkeypatch, name, expected):
    for variable in TUNER_VARIABLES:
        monkeypatch.setenv(variable, name)
    assert (worker_name(), tuner_name()) == (None, expected)


def test_missing_variables_of_the_tuner_are_named(monkeypatch):
    monkeypatch.setenv("KERASTUNER_TUNER_ID", "worker-3")
    with pytest.raises(ClusterError, match="KERASTUNER_ORACLE_IP, KERASTUNER_ORACLE_PORT") as error:
        tuner_name()
    assert error.value.exit_code == 2


@pytest.mark.parametrize(
    ("cluster", "role", "index", "name"),
    [
        (HOSTS, "worker", 0, None),
        (HOSTS, "worker", 1, "worker1"),
        (WITH_CHIEF, "chief", 0, None),
        (WITH_CHIEF, "worker", 0, "worker0"),
    ],
)
def test_the_first_host_of_a_training_is_its_chief(monkeypatch, cluster, role, index, name):
    monkeypatch.setenv("TF_CONFIG", tf_config(cluster, role, index))
    assert worker_name() == name
    workers = sum(map(len, cluster.values()))
    assert training_task() == Task(f"{role}{index}", workers, is_chief=name is None)


@pytest.mark.parametrize(
    "text", ["{", "[]", "{}", tf_config(HOSTS, "worker", 2), tf_config(HOSTS, "ps", 0)]
)
def test_a_tf_config_that_names_no_host_is_refused(monkeypatch, text):
    monkeypatch.setenv("TF_CONFIG", text)
    with pytest.raises(ClusterError, match=r"^TF_CONFIG: expected the hosts of a cluster"):
        worker_name()
