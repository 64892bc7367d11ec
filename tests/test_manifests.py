"""Kubernetes manifests against Kubernetes' own schema, without a network."""

from pathlib import Path

import kubernetes_validate
import pytest
from ruamel.yaml import YAML

from fashion.cluster import TUNER_VARIABLES

MANIFESTS = sorted((Path(__file__).parent.parent / "deploy" / "kubernetes").glob("*.yaml"))
SCHEMA = "1.33"


def documents(path):
    return list(YAML(typ="safe").load_all(path))


@pytest.mark.parametrize("path", MANIFESTS, ids=lambda path: path.name)
def test_manifests_are_what_kubernetes_takes(path):
    for document in documents(path):
        kubernetes_validate.validate(document, SCHEMA, strict=True)


def test_a_misspelt_key_is_refused():
    job = next(d for d in documents(MANIFESTS[0]) if d["kind"] == "Job")
    job["spec"]["completion"] = 1
    with pytest.raises(kubernetes_validate.ValidationError, match="completion"):
        kubernetes_validate.validate(job, SCHEMA, strict=True)


def test_chief_and_workers_find_each_other():
    found = {(d["kind"], d["metadata"]["name"]): d for d in documents(MANIFESTS[0])}
    service = found["Service", "fashion-search"]
    jobs = {name: found["Job", f"fashion-search-{name}"] for name in ("chief", "worker")}
    variables = {}
    for name, job in jobs.items():
        (container,) = job["spec"]["template"]["spec"]["containers"]
        assert "python -m tools.tune" in container["command"][-1]
        variables[name] = {entry["name"]: entry.get("value") for entry in container["env"]}
        assert set(TUNER_VARIABLES) <= variables[name].keys()
    ports = {variables[name]["KERASTUNER_ORACLE_PORT"] for name in jobs}
    assert ports == {str(service["spec"]["ports"][0]["port"])}
    assert variables["worker"]["KERASTUNER_ORACLE_IP"] == service["metadata"]["name"]
    assert service["spec"]["selector"] == {"job-name": jobs["chief"]["metadata"]["name"]}
    assert "chief" in variables["chief"]["KERASTUNER_TUNER_ID"]
    assert "chief" not in variables["worker"]["KERASTUNER_TUNER_ID"]


def test_a_worker_is_started_again_under_its_name():
    """Since KerasTuner's chief waits for the name that has a trial."""
    jobs = [d for d in documents(MANIFESTS[0]) if d["kind"] == "Job"]
    (spec,) = [job["spec"] for job in jobs if job["metadata"]["name"] == "fashion-search-worker"]
    (container,) = spec["template"]["spec"]["containers"]
    variables = {entry["name"]: entry.get("value") for entry in container["env"]}
    assert spec["completionMode"] == "Indexed"
    assert "$(JOB_COMPLETION_INDEX)" in variables["KERASTUNER_TUNER_ID"]
    assert spec["template"]["spec"]["restartPolicy"] == "OnFailure"
    assert spec["completions"] == spec["parallelism"], "the chief waits for all of them"
