"""`make verify` tells results that can be reproduced from results that cannot."""

from pathlib import Path

import pytest

from fashion.io.files import read_json, write_json
from tests.conftest import change_params
from tools.verify import (
    Row,
    Verdict,
    VerificationError,
    compare_data,
    compare_network,
    main,
)

BEFORE = {
    "models/mlp.keras": "1" * 32,
    "models/mlp.environment.json": "2" * 32,
    "reports/mlp/metrics.json": "3" * 32,
    "reports/mlp/figures": "4" * 32 + ".dir",
}
ELSEWHERE = dict.fromkeys(BEFORE, "0" * 32)  # all outputs differ, including the environment
SCORES = {"accuracy": 0.5, "loss": 1.0}
ENDS = {"accuracy": (0.4, 0.6), "loss": (0.9, 1.1)}


def compare(after, reproduced=SCORES, committed=SCORES, ends=ENDS):
    scores = {"committed": committed, "reproduced": reproduced}
    return list(compare_network("mlp", BEFORE, after, scores, ends))


def verdicts(rows):
    return [row.verdict for row in rows]


@pytest.mark.parametrize(
    ("after", "path", "expected", "found"),
    [
        (BEFORE | {"models/mlp.keras": "9"}, "models/mlp.keras", "1" * 32, "9"),
        ({path: BEFORE[path] for path in [*BEFORE][1:]}, "models/mlp.keras", "1" * 32, "none"),
        (BEFORE | {"models/new": "5"}, "models/new", "none", "5"),
    ],
    ids=["changed", "missing", "new"],
)
def test_in_the_same_environment_every_output_must_be_equal(after, path, expected, found):
    assert verdicts(compare(BEFORE)) == [Verdict.EQUAL] * 4
    (row,) = [row for row in compare(after) if row.verdict is not Verdict.EQUAL]
    assert (row.subject, row.verdict) == (path, Verdict.DIFFERENT)
    assert f"expected {expected}, found {found}" in row.reason


@pytest.mark.parametrize(
    ("changes", "different"),
    [
        ({}, 0),
        ({"reproduced": {"accuracy": 0.4, "loss": 1.1}}, 0),  # the ends of the intervals
        ({"reproduced": {"accuracy": 0.61, "loss": 1.2}}, 2),
        ({"committed": {"accuracy": 0.39, "loss": 1.0}}, 1),
    ],
)
def test_in_another_environment_scores_must_lie_in_their_intervals(changes, different):
    rows = compare(ELSEWHERE, **changes)
    assert verdicts(rows).count(Verdict.DIFFERENT) == different
    assert verdicts(rows).count(Verdict.WITHIN) == 4 - different
    assert verdicts(rows).count(Verdict.SKIPPED) == 3


def test_data_must_be_equal_in_every_environment():
    before = {"data/raw": "1.dir", "data/processed/test": "2.dir", "models/mlp.keras": "3"}
    after = {"data/raw": "1.dir", "models/mlp.keras": "4"}
    assert verdicts(compare_data(before, after)) == [Verdict.EQUAL, Verdict.DIFFERENT]


def test_differences_are_an_error(monkeypatch, capsys):
    rows = [Row("a", Verdict.EQUAL), Row("b", Verdict.UNCHECKED, "why")]
    monkeypatch.setattr("tools.verify.Checkout.clone", lambda *_, **__: None)
    monkeypatch.setattr("tools.verify.verify", lambda clone, extent: iter(rows))
    main("full", Path("/source"))
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "1 equal, 0 within interval, 0 DIFFERENT, 0 not compared, 1 NOT CHECKED"
    rows.append(Row("c", Verdict.DIFFERENT))
    with pytest.raises(VerificationError, match="1 of 3 are different"):
        main("quick")


@pytest.mark.slow
def test_a_committed_reproduction_is_equal_in_every_output(project, capsys):
    main("full", project.folder)
    printed = capsys.readouterr().out
    assert ", 0 within interval, 0 DIFFERENT, 0 not compared, 0 NOT CHECKED" in printed
    for subject in ("dvc.lock matches the code", "models/cnn.keras", "reports/mlp/figures"):
        assert f"\n{subject}" in printed


@pytest.mark.slow
def test_committed_results_that_do_not_match_the_code_are_different(project, capsys):
    metrics = project.folder / "reports/cnn/metrics.json"  # of the smallest network
    write_json(metrics, read_json(metrics) | {"loss": 0.1})
    (project.folder / "reports/data/counts.csv").write_text("class,all\nstar,9\n")
    project.run("dvc", "commit", "--force", "describe", "evaluate@cnn", "plot@cnn")
    change_params(project, lambda document: document["plot"].update(examples=3))
    project.git("commit", "--quiet", "--all", "--message=Change")
    with pytest.raises(VerificationError, match=r"4 of \d+ are different"):
        main("quick", project.folder)
    rows = capsys.readouterr().out.splitlines()
    assert any(row.startswith("outputs of mlp") and "not compared" in row for row in rows)
    different = [row.split("  ")[0] for row in rows if "DIFFERENT  " in row]
    assert different == [
        "dvc.lock matches the code",
        "reports/data/counts.csv",
        "reports/cnn/figures",
        "reports/cnn/metrics.json",
    ]
