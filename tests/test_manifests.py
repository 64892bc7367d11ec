"""Kubernetes manifests against Kubernetes' own schema, offline."""

import kubernetes_validate
import pytest
from ruamel.yaml import YAML

from fashion.cluster import TUNER_VARIABLES
from fashion_predict.cli import SERVE as SERVE_COMMAND
from fashion_predict.serve import command
from fashion_predict.serve.app import create_app
from fashion_predict.serve.limits import Limits
from tests.conftest import ROOT

SEARCH, SERVE = (
    list(YAML(typ="safe").load_all(ROOT / f"deploy/kubernetes/{name}.yaml"))
    for name in ("search", "serve")
)


def find(kind, name):
    (document,) = [d for d in SEARCH if (d["kind"], d["metadata"]["name"]) == (kind, name)]
    return document


def container_of(job):
    """The only container of `job`, and its environment variables."""
    (container,) = job["spec"]["template"]["spec"]["containers"]
    return container, {entry["name"]: entry.get("value") for entry in container["env"]}


@pytest.mark.parametrize("document", SEARCH + SERVE, ids=lambda document: document["kind"])
def test_manifests_match_the_schema(document):
    kubernetes_validate.validate(document, "1.33", strict=True)


def test_workers_find_the_chief():
    service = find("Service", "fashion-search")
    chief, worker = (find("Job", f"fashion-search-{name}") for name in ("chief", "worker"))
    variables = {}
    for name, job in (("chief", chief), ("worker", worker)):
        container, variables[name] = container_of(job)
        assert "python -m tools.tune" in container["command"][-1]
        assert set(TUNER_VARIABLES) <= variables[name].keys()
        port = variables[name]["KERASTUNER_ORACLE_PORT"]
        assert port == str(service["spec"]["ports"][0]["port"])
    assert variables["worker"]["KERASTUNER_ORACLE_IP"] == service["metadata"]["name"]
    assert service["spec"]["selector"] == {"job-name": chief["metadata"]["name"]}
    assert "chief" in variables["chief"]["KERASTUNER_TUNER_ID"]
    assert "chief" not in variables["worker"]["KERASTUNER_TUNER_ID"]
    spec = worker["spec"]
    assert "$(JOB_COMPLETION_INDEX)" in variables["worker"]["KERASTUNER_TUNER_ID"]
    assert spec["template"]["spec"]["restartPolicy"] == "OnFailure", "under the same name"
    assert spec["completions"] == spec["parallelism"], "the chief waits for all workers"


def test_the_service_is_started_probed_and_stopped_as_it_needs():
    deployment, service, scaler = SERVE
    pod = deployment["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["args"][0] == SERVE_COMMAND
    options = command.parse(container["args"][1:])
    (port,) = container["ports"]
    assert (options.host, options.port) == ("0.0.0.0", port["containerPort"])  # noqa: S104
    paths = {route.path for route in create_app(command.load_models(None), Limits()).routes}
    for probe in ("startupProbe", "readinessProbe", "livenessProbe"):
        assert container[probe]["httpGet"] == {"port": port["name"]} | container[probe]["httpGet"]
        assert container[probe]["httpGet"]["path"] in paths
    assert service["spec"]["ports"][0]["targetPort"] == port["name"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert service["spec"]["selector"] == deployment["spec"]["selector"]["matchLabels"] == labels
    assert scaler["spec"]["scaleTargetRef"]["name"] == deployment["metadata"]["name"]
    begun = options.timeout + command.LAST_IMAGE
    grace = container["lifecycle"]["preStop"]["sleep"]["seconds"] + begun
    assert pod["terminationGracePeriodSeconds"] > grace
