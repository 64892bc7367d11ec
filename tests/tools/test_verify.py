"""`make verify` tells results that can be reproduced from results that cannot."""

import shutil
from pathlib import Path

import pytest

from benchmarks.seeds import REPORT, settings
from fashion.io.files import read_json, write_json, write_yaml
from tests.conftest import ROOT, change_params
from tools.checkout import Checkout
from tools.verify import (
    Row,
    Verdict,
    VerificationError,
    compare_data,
    compare_network,
    intervals,
    main,
    verify,
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


def without(digests, path):
    return {name: digest for name, digest in digests.items() if name != path}


def test_equal_outputs_are_equal():
    assert verdicts(compare(BEFORE)) == [Verdict.EQUAL] * 4


@pytest.mark.parametrize(
    ("after", "path", "expected", "found"),
    [
        (BEFORE | {"models/mlp.keras": "9"}, "models/mlp.keras", "1" * 32, "9"),
        (without(BEFORE, "models/mlp.keras"), "models/mlp.keras", "1" * 32, "none"),
        (BEFORE | {"models/new": "5"}, "models/new", "none", "5"),
    ],
    ids=["changed", "missing", "new"],
)
def test_in_the_same_environment_every_output_must_be_equal(after, path, expected, found):
    (row,) = [row for row in compare(after) if row.verdict is not Verdict.EQUAL]
    reason = f"checksum mismatch: expected {expected}, found {found}"
    assert row == Row(path, Verdict.DIFFERENT, reason)


@pytest.mark.parametrize(
    ("changes", "different"),
    [
        ({}, 0),
        ({"reproduced": {"accuracy": 0.4, "loss": 1.1}}, 0),  # the ends of the intervals
        ({"reproduced": {"accuracy": 0.61, "loss": 1.0}}, 1),
        ({"reproduced": {"accuracy": 0.61, "loss": 1.2}}, 2),
        ({"committed": {"accuracy": 0.39, "loss": 1.0}}, 1),
    ],
)
def test_in_another_environment_scores_must_lie_in_their_intervals(changes, different):
    rows = compare(ELSEWHERE, **changes)
    assert verdicts(rows).count(Verdict.DIFFERENT) == different
    assert verdicts(rows).count(Verdict.WITHIN) == 4 - different
    assert verdicts(rows).count(Verdict.SKIPPED) == 3


def test_without_intervals_only_unequal_scores_are_unchecked():
    assert Verdict.UNCHECKED in verdicts(compare(ELSEWHERE, ends={}))
    metrics = "reports/mlp/metrics.json"
    after = ELSEWHERE | {metrics: BEFORE[metrics]}
    assert Verdict.UNCHECKED not in verdicts(compare(after, ends={}))


def test_data_must_be_equal_in_every_environment():
    before = {"data/raw": "1.dir", "data/processed/test": "2.dir", "models/mlp.keras": "3"}
    after = {"data/raw": "1.dir", "models/mlp.keras": "4"}
    assert verdicts(compare_data(before, after)) == [Verdict.EQUAL, Verdict.DIFFERENT]


def test_intervals_are_those_of_the_same_settings(tmp_path, small_params):
    path = tmp_path / REPORT
    assert intervals(tmp_path, small_params, "mlp") == {}
    known = {"settings": settings(small_params, "mlp"), "accuracy": {"interval": [0.1, 0.2]}}
    write_json(path, {"networks": {"mlp": known | {"loss": {"n": 1}}}})
    assert intervals(tmp_path, small_params, "mlp") == {"accuracy": [0.1, 0.2]}
    write_json(path, {"networks": {"mlp": known | {"settings": {}}}})
    assert intervals(tmp_path, small_params, "mlp") == {}


class FakeClone(Checkout):
    """A clone in which `dvc repro` writes reports, and a different model for `wrong` networks."""

    def __init__(self, folder, document, wrong=()):
        super().__init__(folder)
        self.commands, self._wrong = [], wrong
        self._lock = {
            "describe": {"outs": [{"path": "reports/data/counts.csv", "md5": "0"}]},
            "export@mlp": {"outs": [{"path": "models/mlp.onnx", "md5": "1"}]},
            "export@cnn": {"outs": [{"path": "models/cnn.onnx", "md5": "2"}]},
        }
        write_yaml(folder / "params.yaml", document)
        shutil.copy(ROOT / "dvc.yaml", folder)
        (folder / "reports/data").mkdir(parents=True)
        (folder / "models").mkdir()
        for network, parameters in (("mlp", 9), ("cnn", 5)):
            scores = {"parameters": parameters, "accuracy": 0.5, "loss": 1.0}
            write_json(folder / "reports" / network / "metrics.json", scores)
            (folder / "models" / f"{network}.onnx").touch()

    def git(self, *arguments):
        return "c0ffee\n"

    def run(self, *command, check=True):
        self.commands.append(command)
        for target in command[2:]:
            name, _, network = target.partition("@")
            if name == "describe":
                assert not (self.folder / "reports/data").exists()
            if name == "export":
                assert not (self.folder / "reports" / network).exists()
                assert not (self.folder / "models" / f"{network}.onnx").exists()
                write_json(self.folder / "reports" / network / "metrics.json", {})
                if network in self._wrong:
                    out = {"path": f"models/{network}.onnx", "md5": "other"}
                    self._lock = self._lock | {target: {"outs": [out]}}

    def is_up_to_date(self, *options):
        self.commands.append(options)
        return "champion/dvc.yaml" not in options

    def lock(self):
        return self._lock


REPRO = {
    "describe": ("dvc", "repro", "describe"),
    "cnn": ("dvc", "repro", "export@cnn", "plot@cnn"),
    "mlp": ("dvc", "repro", "export@mlp", "plot@mlp"),
}


def test_a_quick_verification_trains_only_the_smallest_network(tmp_path, small_document, capsys):
    clone = FakeClone(tmp_path, small_document)
    assert {row.subject: row.verdict for row in verify(clone, "quick")} == {
        "dvc.lock matches the code": Verdict.EQUAL,
        "reports/data/counts.csv": Verdict.EQUAL,
        "models/cnn.onnx": Verdict.EQUAL,
        "outputs of mlp": Verdict.SKIPPED,
    }
    assert clone.commands == [("--allow-missing",), REPRO["describe"], REPRO["cnn"]]
    assert capsys.readouterr().out.startswith("commit c0ffee\nenvironment: system ")


def test_a_full_verification_trains_every_network(tmp_path, small_document):
    clone = FakeClone(tmp_path, small_document, wrong=["mlp"])
    assert {row.subject: row.verdict for row in verify(clone, "full")} == {
        "dvc.lock matches the code": Verdict.EQUAL,
        "reports/data/counts.csv": Verdict.EQUAL,
        "models/cnn.onnx": Verdict.EQUAL,
        "models/mlp.onnx": Verdict.DIFFERENT,
        "dvc repro, again": Verdict.EQUAL,
    }
    assert sorted(clone.commands) == sorted([("--allow-missing",), *REPRO.values(), ()])


def test_the_lock_of_champions_is_checked(tmp_path, small_document):
    document = small_document | {"champions": {"large": small_document["models"]["cnn"]}}
    _, champions, *_ = verify(FakeClone(tmp_path, document), "quick")
    assert champions.subject == "champion/dvc.lock matches the code"
    assert champions.verdict is Verdict.DIFFERENT


def test_differences_are_an_error_and_the_clone_has_another_time_zone(monkeypatch, capsys):
    clones = []
    rows = [Row("a", Verdict.EQUAL), Row("b", Verdict.UNCHECKED, "why")]
    monkeypatch.setattr("tools.verify.Checkout.clone", lambda *a, **kw: clones.append((a, kw)))
    monkeypatch.setattr("tools.verify.verify", lambda clone, extent: iter(rows))
    main("full", Path("/source"))
    (((source, _), variables),) = clones
    assert source == Path("/source")
    assert variables.keys() == {"PYTHONHASHSEED", "TZ"}
    last = capsys.readouterr().out.splitlines()[-1]
    assert last == "1 equal, 0 within interval, 0 DIFFERENT, 0 not compared, 1 NOT CHECKED"
    rows.append(Row("c", Verdict.DIFFERENT))
    with pytest.raises(VerificationError, match="1 of 3 are different"):
        main("quick")


def test_an_unknown_extent_is_refused():
    with pytest.raises(VerificationError, match="expected one of full, quick; received some"):
        main("some")


@pytest.mark.slow
def test_a_committed_reproduction_is_equal_in_every_output(project, capsys):
    main("full", project.folder)
    printed = capsys.readouterr().out
    assert ", 0 within interval, 0 DIFFERENT, 0 not compared, 0 NOT CHECKED" in printed
    for subject in ("dvc.lock matches the code", "models/cnn.keras", "reports/mlp/figures"):
        assert f"\n{subject}" in printed


@pytest.mark.slow
def test_committed_scores_and_code_that_do_not_match_are_different(project, capsys):
    path = project.folder / "reports/cnn/metrics.json"  # of the smallest network
    write_json(path, read_json(path) | {"loss": 0.1})
    project.run("dvc", "commit", "--force", "evaluate@cnn", "plot@cnn")
    change_params(project, lambda document: document["plot"].update(examples=3))
    project.git("commit", "--quiet", "--all", "--message=Change")
    with pytest.raises(VerificationError, match=r"3 of \d+ are different"):
        main("quick", project.folder)
    different = [line for line in capsys.readouterr().out.splitlines() if "DIFFERENT  " in line]
    for subject in (
        "dvc.lock matches the code",
        "reports/cnn/metrics.json",
        "reports/cnn/figures",
    ):
        assert any(line.startswith(subject) for line in different)
