"""That a reproduction is told from a result that is not one."""

import json
import shutil

import numpy as np
import pytest
from matplotlib.image import imread, imsave

from fashion.archive import read_model, write_model
from fashion.artifacts import read_csv, read_json, write_csv, write_json
from fashion.digests import sha256
from tests.conftest import write_yaml
from verification import layers
from verification.damage import flip
from verification.layers import Verdict
from verification.verify import Reproduction, VerificationError, main


@pytest.fixture
def verify(project, capsys):
    """Commit what was changed, verify that, and return the rows that are different."""

    def run(extent="whole"):
        project.git("commit", "--quiet", "--all", "--allow-empty", "--message=Change")
        try:
            main(extent, project.folder)
        finally:
            run.said = capsys.readouterr().out
            run.different = [line for line in run.said.splitlines() if Verdict.DIFFERENT in line]
        return run.said

    return run


def test_a_reproduction_is_equal_in_every_layer_down_to_the_lock(verify):
    said = verify()
    for layer in ("data", "weights", "predictions", "metrics", "pictures", "lock"):
        assert any(line.startswith(layer) and " equal " in f"{line} " for line in said.splitlines())
    assert ", 0 within tolerance, 0 DIFFERENT, 0 not compared" in said
    assert "committed mlp: the same kind of machine" in said
    assert "tensorflow 2." in said


def assert_caught(verify, *places):
    """Each of `places` is in a line that says that it is different."""
    with pytest.raises(VerificationError, match=r"\d+ of \d+ are different"):
        verify()
    for place in places:
        assert any(place in line for line in verify.different), verify.said


def commit_model(project):
    """Record `models/mlp.keras` as it is, as if it had been trained."""
    model = project.folder / "models/mlp.keras"
    digest = {"sha256": sha256(model), "bytes": model.stat().st_size}
    write_json(project.folder / "reports/mlp/model.json", digest)
    project.run("dvc", "commit", "--force", "train@mlp")


def test_one_bit_of_a_weight_is_caught(project, verify):
    path = project.folder / "models/mlp.keras"
    model = read_model(path, sha256(path))
    kernel, *others = model.get_weights()
    kernel.view(np.uint32)[100, 3] ^= 1
    model.set_weights([kernel, *others])
    write_model(path, model)
    commit_model(project)
    assert_caught(verify, "models/mlp.keras ", "dvc.lock, written again")


def test_a_committed_model_that_cannot_be_loaded_is_caught(project, verify, rng):
    flip(project.folder / "models/mlp.keras", rng)
    commit_model(project)
    assert_caught(verify, "models/mlp.keras, as committed")


def test_one_pixel_is_caught(project, verify):
    path = project.folder / "reports/mlp/confusion.png"
    pixels = imread(path)
    pixels[5, 5, 0] = 1 - pixels[5, 5, 0]
    imsave(path, pixels)
    project.run("dvc", "commit", "--force", "plot@mlp")
    assert_caught(verify, "reports/mlp/confusion.png", "dvc.lock, written again")
    assert len([line for line in verify.different if "png" in line]) == 1


def test_one_metric_is_caught(project, verify):
    path = project.folder / "reports/mlp/metrics.json"
    scores = read_json(path)
    write_json(path, scores | {"accuracy": scores["accuracy"] + 1e-6})
    assert_caught(verify, "reports/mlp/metrics.json ", "metrics.json: accuracy")


def test_a_score_that_no_prediction_tells_is_caught(project, verify):
    path = project.folder / "reports/mlp/metrics.json"
    write_json(path, read_json(path) | {"loss": 0.1})
    project.run("dvc", "commit", "--force", "evaluate@mlp")
    assert_caught(verify, "reports/mlp/metrics.json ", "metrics.json, by the committed model")


def test_another_seed_is_caught(project, verify, small_document):
    other = {**small_document, "train": {**small_document["train"], "seed": 1}}
    write_yaml(project.folder / "params.yaml", other)
    assert_caught(verify, "dvc.lock, of this code", "models/mlp.keras", "reports/mlp/metrics.json")


def test_quick_trains_what_is_trained_within_a_minute_and_draws_the_rest(project, verify):
    report = project.folder / "reports/cnn"
    record = read_json(report / "timing.json")
    write_json(report / "timing.json", record | {"seconds": 3600.0})
    (report / "curves.png").write_bytes(b"no picture")
    with pytest.raises(VerificationError, match=r"\d of \d+ are different"):
        verify("quick")
    assert any("reports/cnn/curves.png" in line for line in verify.different)
    assert "quick: not trained" in verify.said


def test_a_time_of_another_training_is_told_and_loosens_nothing(project, tmp_path):
    path = project.folder / "reports/mlp/timing.json"
    write_json(path, read_json(path) | {"result_sha256": "0" * 64, "machine": {}})
    project.git("commit", "--quiet", "--all", "--message=Change")
    lines = Reproduction(project.folder, tmp_path / "verify", "quick").describe().splitlines()
    assert lines[2] == (
        "committed mlp: the same kind of machine, taken for it: timing.json is of another training"
    )
    assert lines[3] == "committed cnn: the same kind of machine"


def test_a_third_extent_is_refused(project):
    with pytest.raises(VerificationError, match="expected one of whole, quick; received some"):
        main("some", project.folder)


@pytest.fixture
def pair(reproduced, project):
    """Two folders with equal results: the committed, and one to change."""
    return reproduced.folder, project.folder


def verdicts(rows):
    return {row.verdict for row in rows}


def test_data_must_be_equal_on_every_machine(reproduced):
    recorded = reproduced.recorded()
    found = reproduced.found()
    assert verdicts(layers.data(recorded, found)) == {Verdict.EQUAL}
    for path in [path for path in recorded if path.startswith("data/")]:
        (row,) = [
            row for row in layers.data(recorded, found | {path: "0" * 32}) if row.what == path
        ]
        assert row.verdict is Verdict.DIFFERENT
        rest = {other: md5 for other, md5 in found.items() if other != path}
        assert Verdict.DIFFERENT in verdicts(layers.data(recorded, rest))


@pytest.mark.parametrize(
    ("same_machine", "verdict"), [(True, Verdict.DIFFERENT), (False, Verdict.SKIPPED)]
)
def test_weights_must_be_equal_on_one_machine(pair, rng, same_machine, verdict):
    committed, reproduced = pair
    assert layers.weights("mlp", committed, reproduced, same_machine).verdict is Verdict.EQUAL
    flip(reproduced / "models/mlp.keras", rng)
    assert layers.weights("mlp", committed, reproduced, same_machine).verdict is verdict


@pytest.mark.parametrize(
    ("change", "verdict"),
    [(0.0, Verdict.EQUAL), (8e-6, Verdict.WITHIN), (2e-5, Verdict.DIFFERENT)],
)
def test_the_committed_model_must_say_the_same_within_the_tolerance(pair, change, verdict):
    committed, judged = pair
    path = judged / "reports/mlp/predictions.csv"
    table = read_csv(path, text_columns=("actual", "predicted"))
    table.loc[3, "confidence"] += change
    write_csv(path, table)
    assert layers.predictions("mlp", committed, judged).verdict is verdict


def test_the_committed_model_must_not_say_another_class(pair):
    committed, judged = pair
    path = judged / "reports/mlp/predictions.csv"
    table = read_csv(path, text_columns=("actual", "predicted"))
    table.loc[3, "predicted"] = "Bag" if table.loc[3, "predicted"] != "Bag" else "Coat"
    write_csv(path, table)
    row = layers.predictions("mlp", committed, judged)
    assert (row.verdict, row.why[:15]) == (Verdict.DIFFERENT, "1 other classes")


@pytest.mark.parametrize(
    ("change", "verdict"),
    [(0.0, Verdict.EQUAL), (5e-4, Verdict.WITHIN), (2e-3, Verdict.DIFFERENT)],
)
def test_the_committed_model_must_score_the_same_within_the_tolerance(pair, change, verdict):
    committed, judged = pair
    path = judged / "reports/mlp/metrics.json"
    scores = read_json(path)
    scores["per_class"]["Bag"]["f1"] += change
    write_json(path, scores)
    assert layers.judgement("mlp", committed, judged).verdict is verdict


INTERVALS = {"accuracy": {"interval": [0.35, 0.45]}, "loss": {"interval": [1.5, 2.5]}}


def scored(folder, **scores):
    path = folder / "reports/mlp/metrics.json"
    write_json(path, read_json(path) | {"accuracy": 0.4, "loss": 2.0} | scores)


@pytest.mark.parametrize(
    ("committed_scores", "scores", "outside"),
    [
        ({}, {"accuracy": 0.41}, 0),
        ({}, {"accuracy": 0.51}, 1),
        ({}, {"loss": 2.6}, 1),
        ({}, {"accuracy": 0.3, "loss": 9.0}, 2),
        ({"accuracy": 0.99}, {}, 1),
    ],
)
def test_on_another_machine_scores_must_lie_where_other_seeds_lie(
    project, tmp_path, committed_scores, scores, outside
):
    shutil.copytree(project.folder / "reports", tmp_path / "committed/reports")
    scored(tmp_path / "committed", **committed_scores)
    scored(project.folder, **scores)
    (project.folder / "reports/mlp/reliability.csv").write_text("another")
    pair = tmp_path / "committed", project.folder
    rows = list(layers.metrics("mlp", *pair, False, INTERVALS))
    judged = [row.verdict for row in rows if "metrics.json: " in row.what]
    assert len(judged) == 4
    assert judged.count(Verdict.DIFFERENT) == outside
    assert judged.count(Verdict.WITHIN) == 4 - outside
    assert "reports/mlp/reliability.csv" in [
        row.what for row in rows if row.verdict is Verdict.SKIPPED
    ]


def test_scores_that_nothing_judges_are_not_passed(project, tmp_path):
    shutil.copytree(project.folder / "reports", tmp_path / "committed/reports")
    scored(project.folder)
    rows = list(layers.metrics("mlp", tmp_path / "committed", project.folder, False, {}))
    assert rows[-1].verdict is Verdict.UNJUDGED
    assert "make seeds" in rows[-1].why


def test_a_verification_without_a_judgement_fails(project, verify):
    """As on another machine, without statistics of seeds."""
    for network in ("mlp", "cnn"):
        path = project.folder / "reports" / network / "timing.json"
        record = read_json(path)
        write_json(path, record | {"machine": record["machine"] | {"cpu": "another"}})
    path = project.folder / "params.yaml"
    path.write_text(path.read_text().replace("learning_rate: 0.006", "learning_rate: 0.0061"))
    with pytest.raises(VerificationError):
        verify()
    assert "another machine: {'cpu': 'another'}" in verify.said
    assert Verdict.UNJUDGED in verify.said


def test_pictures_of_equal_figures_must_have_equal_pixels(pair):
    committed, reproduced = pair
    path = reproduced / "reports/mlp/curves.png"
    imsave(path, imread(path))
    rows = {row.what: row for row in layers.pictures("mlp", committed, reproduced)}
    assert rows.pop("reports/mlp/curves.png").verdict is Verdict.WITHIN
    assert verdicts(rows.values()) == {Verdict.EQUAL}
    path.unlink()
    assert Verdict.DIFFERENT in verdicts(layers.pictures("mlp", committed, reproduced))
    history = reproduced / "reports/mlp/history/metrics.json"
    history.write_text(json.dumps({"step": 9}))
    assert Verdict.SKIPPED in verdicts(layers.pictures("mlp", committed, reproduced))


@pytest.mark.parametrize("score", ["accuracy", "accuracy_high", "macro_f1", "per_class"])
def test_scores_must_follow_from_the_predictions_beside_them(pair, score):
    folder = pair[1]
    assert verdicts(layers.consistency("mlp", folder)) == {Verdict.EQUAL}
    path = folder / "reports/mlp/metrics.json"
    scores = read_json(path)
    if score == "per_class":
        scores[score]["Coat"]["recall"] = np.nextafter(scores[score]["Coat"]["recall"], 2)
    else:
        scores[score] += 1e-6
    write_json(path, scores)
    wrong = [row.what for row in layers.consistency("mlp", folder) if row.verdict != Verdict.EQUAL]
    assert wrong == [f"reports/mlp/metrics.json: {score}"]
