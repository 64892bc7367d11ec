"""`tools.verify` tells a reproduction from a result that is not one."""

import random
import re
import shutil
from pathlib import Path

import pytest

from benchmarks.seeds import REPORT, settings
from fashion.io.files import read_json, write_json, write_yaml
from fashion.models.determinism import environment
from tests.conftest import ROOT, change_params
from tools.checkout import Checkout
from tools.verify import (
    Row,
    Verdict,
    VerificationError,
    compare_data,
    compare_network,
    digests,
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
SCORES = {"accuracy": 0.5, "loss": 1.0}
ENDS = {"accuracy": (0.4, 0.6), "loss": (0.9, 1.1)}
ELSEWHERE = dict.fromkeys(BEFORE, "0" * 32)


def compared(after, reproduced=SCORES, committed=SCORES, ends=ENDS):
    scores = {"committed": committed, "reproduced": reproduced}
    return list(compare_network("mlp", BEFORE, after, scores, ends))


def verdicts(rows):
    return [row.verdict for row in rows]


def test_equal_outputs_are_equal():
    assert verdicts(compared(BEFORE)) == [Verdict.EQUAL] * 4


@pytest.mark.parametrize("path", sorted(BEFORE.keys() - {"models/mlp.environment.json"}))
def test_in_the_same_environment_every_output_must_be_equal(path):
    (row,) = [row for row in compared(BEFORE | {path: "9" * 32}) if row.what == path]
    assert row.verdict is Verdict.DIFFERENT
    assert row.why == f"checksum mismatch: expected {BEFORE[path]}, found {'9' * 32}"


def test_an_output_that_is_missing_or_was_not_committed_is_different():
    missing = {path: md5 for path, md5 in BEFORE.items() if path != "models/mlp.keras"}
    assert verdicts(compared(missing)).count(Verdict.DIFFERENT) == 1
    assert verdicts(compared(BEFORE | {"models/new": "5"})).count(Verdict.DIFFERENT) == 1


def test_in_another_environment_scores_must_lie_in_the_interval_of_seeds():
    rows = compared(ELSEWHERE)
    assert verdicts(rows).count(Verdict.WITHIN) == 4
    assert {row.why for row in rows if row.verdict is Verdict.SKIPPED} == {"another environment"}
    assert Verdict.DIFFERENT not in verdicts(rows)


@pytest.mark.parametrize(
    ("changes", "outside"),
    [
        ({"reproduced": {"accuracy": 0.4, "loss": 0.9}}, 0),  # the ends are inside
        ({"reproduced": {"accuracy": 0.6, "loss": 1.1}}, 0),
        ({"reproduced": {"accuracy": 0.61, "loss": 1.0}}, 1),
        ({"reproduced": {"accuracy": 0.61, "loss": 1.2}}, 2),
        ({"committed": {"accuracy": 0.39, "loss": 1.0}}, 1),
    ],
)
def test_scores_outside_the_interval_are_different(changes, outside):
    found = verdicts(compared(ELSEWHERE, **changes))
    assert found.count(Verdict.DIFFERENT) == outside
    assert found.count(Verdict.WITHIN) == 4 - outside


def test_without_statistics_scores_are_not_checked():
    (row,) = [row for row in compared(ELSEWHERE, ends={}) if row.verdict is Verdict.UNCHECKED]
    assert row.why == "no seed statistics of these settings, run `make seeds`"


def test_equal_scores_need_no_interval_in_any_environment():
    after = ELSEWHERE | {"reports/mlp/metrics.json": BEFORE["reports/mlp/metrics.json"]}
    assert Verdict.UNCHECKED not in verdicts(compared(after, ends={}))


def test_data_must_be_equal_everywhere():
    before = {"data/raw": "1.dir", "data/processed/test": "2.dir", "models/mlp.keras": "3"}
    after = {"data/raw": "1.dir", "models/mlp.keras": "4"}
    assert verdicts(compare_data(before, after)) == [Verdict.EQUAL, Verdict.DIFFERENT]


def test_digests_are_those_of_the_outputs_of_a_network():
    lock = {
        "download": {"outs": [{"path": "data/raw", "md5": "1.dir"}]},
        "train@mlp": {"outs": [{"path": "models/mlp.keras", "md5": "2"}]},
        "train@cnn": {"outs": [{"path": "models/cnn.keras", "md5": "3"}]},
    }
    assert digests(lock, "@mlp") == {"models/mlp.keras": "2"}
    assert len(digests(lock)) == 3


def test_intervals_are_those_of_the_same_settings(tmp_path, small_params):
    path = tmp_path / REPORT
    assert intervals(tmp_path, small_params, "mlp") == {}
    known = {"settings": settings(small_params, "mlp"), "accuracy": {"interval": [0.1, 0.2]}}
    write_json(path, {"networks": {"mlp": known | {"loss": {"n": 1}}}})
    assert intervals(tmp_path, small_params, "mlp") == {"accuracy": [0.1, 0.2]}
    assert intervals(tmp_path, small_params, "cnn") == {}
    write_json(path, {"networks": {"mlp": known | {"settings": {}}}})
    assert intervals(tmp_path, small_params, "mlp") == {}


LOCK = {
    "describe": {"outs": [{"path": "reports/data/counts.csv", "md5": "0"}]},
    **{
        f"export@{network}": {"outs": [{"path": f"models/{network}.onnx", "md5": network}]}
        for network in ("mlp", "cnn")
    },
}


class FakeClone(Checkout):
    """A clone in which `dvc repro` writes reports, and other ONNX files for `wrong` networks."""

    def __init__(self, folder, document, wrong=()):
        super().__init__(folder)
        self.commands, self._wrong, self._lock = [], wrong, LOCK
        write_yaml(folder / "params.yaml", document)
        shutil.copy(ROOT / "dvc.yaml", folder)
        for network, parameters in (("mlp", 9), ("cnn", 5)):
            scores = {"parameters": parameters, "accuracy": 0.5, "loss": 1.0}
            write_json(folder / "reports" / network / "metrics.json", scores)
            (folder / "models").mkdir(exist_ok=True)
            (folder / "models" / f"{network}.onnx").touch()
        (folder / "reports/data").mkdir()

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
SAME = ("--allow-missing",)
CHAMPIONS = ("--allow-missing", "champion/dvc.yaml")


def test_a_quick_verification_trains_the_smallest_network_only(tmp_path, small_document, capsys):
    clone = FakeClone(tmp_path, small_document)
    assert {row.what: row.verdict for row in verify(clone, "quick")} == {
        "dvc.lock is of this code": Verdict.EQUAL,
        "reports/data/counts.csv": Verdict.EQUAL,
        "models/cnn.onnx": Verdict.EQUAL,
        "outputs of mlp": Verdict.SKIPPED,
    }
    assert clone.commands == [SAME, REPRO["describe"], REPRO["cnn"]]
    here = environment(2)
    said = f"commit c0ffee\nenvironment: system {here['system']}, instructions "
    assert capsys.readouterr().out.startswith(said)


def test_a_whole_verification_trains_and_compares_every_network(tmp_path, small_document):
    clone = FakeClone(tmp_path, small_document, wrong=["mlp"])
    assert {row.what: row.verdict for row in verify(clone, "whole")} == {
        "dvc.lock is of this code": Verdict.EQUAL,
        "reports/data/counts.csv": Verdict.EQUAL,
        "models/cnn.onnx": Verdict.EQUAL,
        "models/mlp.onnx": Verdict.DIFFERENT,
        "dvc repro, again": Verdict.EQUAL,
    }
    assert sorted(clone.commands) == sorted([SAME, *REPRO.values(), ()])


def test_champions_are_verified_if_there_are_any(tmp_path, small_document):
    document = small_document | {"champions": {"large": small_document["models"]["cnn"]}}
    clone = FakeClone(tmp_path, document)
    first, second, *_ = verify(clone, "quick")
    assert clone.commands[:2] == [SAME, CHAMPIONS]
    assert first == Row(
        "dvc.lock is of this code", Verdict.EQUAL, "Data and pipelines are up to date."
    )
    assert second == Row(
        "champion/dvc.lock is of this code", Verdict.DIFFERENT, "`dvc repro` would run stages"
    )


def test_a_missing_digest_is_shown_as_none():
    after = {path: md5 for path, md5 in BEFORE.items() if path != "models/mlp.keras"}
    why = {row.what: row.why for row in compared(after | {"models/new": "5"})}
    assert why["models/mlp.keras"] == f"checksum mismatch: expected {'1' * 32}, found none"
    assert why["models/new"] == "checksum mismatch: expected none, found 5"


@pytest.fixture
def verified(monkeypatch):
    """The clones that `main` makes, and the rows that its verification gives."""
    clones, rows = [], [Row("a", Verdict.EQUAL), Row("b", Verdict.UNCHECKED, "why")]

    def clone(source, folder, **variables):
        clones.append((source, folder, variables))
        return folder

    monkeypatch.setattr("tools.verify.Checkout.clone", clone)
    monkeypatch.setattr("tools.verify.verify", lambda folder, extent: iter(rows))
    return clones, rows


def test_the_clone_has_a_time_zone_and_a_hash_seed_of_its_own(verified, monkeypatch, capsys):
    class Highest(random.SystemRandom):
        def randrange(self, stop):
            return stop - 1

    monkeypatch.setattr("random.SystemRandom", Highest)
    main("whole", Path("/source"))
    ((source, folder, variables),) = verified[0]
    assert (source, folder.name) == (Path("/source"), "clone")
    assert folder.parent.name.startswith("verify-")
    assert variables == {"PYTHONHASHSEED": "4294967295", "TZ": "Pacific/Kiritimati"}
    table, counts = capsys.readouterr().out.rstrip().rsplit("\n", 1)
    assert [line.split() for line in table.splitlines()[2:]] == [
        ["a", "equal"], ["b", "NOT", "CHECKED", "why"],
    ]  # fmt: skip
    assert counts == "1 equal, 0 within interval, 0 DIFFERENT, 0 not compared, 1 NOT CHECKED"


def test_differences_are_counted_in_the_error(verified):
    verified[1].append(Row("c", Verdict.DIFFERENT))
    with pytest.raises(VerificationError, match=re.escape("1 of 3 are different")):
        main("quick")


def test_a_third_extent_is_refused():
    with pytest.raises(VerificationError, match="expected one of whole, quick; received some"):
        main("some")


@pytest.mark.slow
def test_a_committed_reproduction_is_equal_in_every_output(project, capsys):
    main("whole", project.folder)
    said = capsys.readouterr().out
    assert ", 0 within interval, 0 DIFFERENT, 0 not compared, 0 NOT CHECKED" in said
    for what in ("dvc.lock is of this code", "models/cnn.keras", "reports/mlp/figures"):
        assert f"\n{what}" in said
    assert "dvc repro, again" in said


@pytest.mark.slow
def test_scores_and_code_that_are_not_those_committed_are_told(project, capsys):
    path = project.folder / "reports/cnn/metrics.json"  # the smallest network
    write_json(path, read_json(path) | {"loss": 0.1})
    project.run("dvc", "commit", "--force", "evaluate@cnn", "plot@cnn")
    change_params(project, lambda document: document["plot"].update(examples=3))
    project.git("commit", "--quiet", "--all", "--message=Change")
    with pytest.raises(VerificationError, match=r"3 of \d+ are different"):
        main("quick", project.folder)
    different = [line for line in capsys.readouterr().out.splitlines() if "DIFFERENT  " in line]
    for what in ("dvc.lock is of this code", "reports/cnn/metrics.json", "reports/cnn/figures"):
        assert any(line.startswith(what) for line in different)
