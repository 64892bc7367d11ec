"""`make verify` tells results that can be reproduced from results that cannot."""

import pytest

from fashion.io.files import read_json, write_json
from tests.conftest import change_params
from tools.verify import VerificationError, main, outside_intervals

INTERVALS = {"accuracy": {"interval": [0.4, 0.6]}, "loss": {"interval": [0.9, 1.1]}}


@pytest.mark.parametrize(
    ("accuracy", "loss", "outside"),
    [(0.5, 1.0, []), (0.4, 1.1, []), (0.61, 1.0, ["accuracy"]), (0.39, 1.2, ["accuracy", "loss"])],
)
def test_scores_may_lie_in_their_intervals(accuracy, loss, outside):
    scores = {"accuracy": accuracy, "loss": loss}
    lines = list(outside_intervals("cnn", INTERVALS, "found", scores))
    assert [line.split()[2] for line in lines] == outside
    assert all(f"{scores[name]:.4f}" in line for name, line in zip(outside, lines, strict=True))


def test_scores_without_intervals_are_named(capsys):
    assert not list(outside_intervals("cnn", {}, "found", {}))
    assert "cnn: loss was not compared" in capsys.readouterr().out


@pytest.fixture
def project(project):
    """The small project with one network."""
    change_params(project, lambda document: document["models"].pop("mlp"))
    project.run("dvc", "repro")
    project.git("commit", "--quiet", "--all", "--message=One network")
    return project


@pytest.mark.slow
def test_a_committed_reproduction_has_equal_bytes(project, capsys):
    main("full", project.folder)
    printed = capsys.readouterr().out.splitlines()
    count = len([out for stage in project.lock().values() for out in stage["outs"]])
    assert printed[1:] == [f"{count} of {count} outputs have the committed bytes", "reproduced"]


@pytest.mark.slow
def test_one_byte_of_a_model_that_differs_is_an_error(project):
    """And so are reports that differ, and a lock of other parameters."""
    model = project.folder / "models/cnn.keras"
    content = bytearray(model.read_bytes())
    content[-1] ^= 1
    model.write_bytes(content)
    metrics = project.folder / "reports/cnn/metrics.json"  # of the smallest network
    write_json(metrics, {"cnn": read_json(metrics)["cnn"] | {"loss": 0.1}})
    (project.folder / "reports/data/counts.csv").write_text("class,all\nstar,9\n")
    project.run("dvc", "commit", "--force")
    change_params(project, lambda document: document["plot"].update(examples=3))
    project.git("commit", "--quiet", "--all", "--message=Change")
    with pytest.raises(VerificationError) as error:
        main("quick", project.folder)
    first, *lines = str(error.value).splitlines()
    assert first == "not reproduced:"
    assert [line.partition(":")[0] for line in lines] == [
        "dvc.lock",
        "reports/data/counts.csv",
        "reports/cnn/metrics.json",
        "reports/cnn/figures",
        "models/cnn.keras",
    ]


@pytest.mark.slow
def test_in_another_environment_scores_are_compared(project, capsys):
    environment = project.folder / "models/cnn.environment.json"
    write_json(environment, read_json(environment) | {"instructions": "avx512"})
    metrics = project.folder / "reports/cnn/metrics.json"
    write_json(metrics, {"cnn": read_json(metrics)["cnn"] | {"loss": 0.1}})
    project.run("dvc", "commit", "--force")
    project.git("commit", "--quiet", "--all", "--message=Trained elsewhere")
    main("quick", project.folder)
    printed = capsys.readouterr().out
    assert "cnn: trained in another environment, so scores are compared" in printed
    assert "cnn: accuracy was not compared" in printed
