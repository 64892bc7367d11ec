import os
import sys
from importlib import import_module

import pytest

from fashion import code_version
from fashion.code_version import CONTENT_AT_START, CodeVersionError, loaded_code, refuse_changes
from fashion.config import loader
from fashion.config.stages import Plot
from tests.conftest import ROOT, write_yaml

PLOT = {"dpi": 100, "mistakes": 1, "examples": 1}
RUN_AGAIN = "changed during the run, so the results were not recorded; run it again: "


@pytest.fixture
def used(tmp_path, monkeypatch):
    """The only module and the file of the only section that this process has loaded."""
    module, params = tmp_path / "fashion/made_up.py", tmp_path / "params.yaml"
    module.parent.mkdir()
    module.write_text("pass")
    write_yaml(params, {"plot": PLOT, "train": {}})
    monkeypatch.setattr(code_version, "ROOT", tmp_path)
    monkeypatch.setattr(code_version, "CONTENT_AT_START", {module: module.read_bytes()})
    monkeypatch.setattr(loader, "_loaded", {})
    monkeypatch.setitem(sys.modules, "fashion.made_up", type(sys)("fashion.made_up"))
    sys.modules["fashion.made_up"].__file__ = str(module)
    Plot.load(params)
    return module, params


def edit(module, params):
    module.write_text("pass  # edited")


def edit_both(module, params):
    edit(module, params)
    write_yaml(params, {"plot": PLOT | {"dpi": 99}})


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (edit, rf"^source code {RUN_AGAIN}fashion/made_up\.py$"),
        (lambda module, params: module.unlink(), r"fashion/made_up\.py$"),
        (edit_both, rf"^source code and parameters {RUN_AGAIN}fashion/made_up\.py, plot$"),
    ],
)
def test_code_and_parameters_that_change_during_the_run_are_named(used, change, expected):
    with pytest.raises(CodeVersionError, match=expected), refuse_changes():
        change(*used)


def test_equal_content_at_another_time_and_unused_code_are_no_change(used):
    """An editor that saves, or `git stash` and back, changes the time alone."""
    module, params = used
    with refuse_changes():
        module.unlink()
        module.write_text("pass")
        os.utime(module, (0, 0))
        module.with_name("unused.py").write_text("new")
        write_yaml(params, {"plot": PLOT, "train": {"seed": 1}})


def test_results_depend_on_all_code_but_plumbing():
    for module in ("fashion.training.loop", "stages.preprocess", "tools.tune"):
        import_module(module)

    names = {str(path.relative_to(ROOT)) for path in loaded_code()}
    assert {path for path in loaded_code() if path not in CONTENT_AT_START} == set()
    assert {"stages/preprocess.py", "tools/tune.py", "fashion/training/loop.py"} <= names
    assert {"fashion/io/files.py", "fashion_predict/images/resizing.py"} <= names
    assert not {name for name in names if name.startswith(("fashion/config", "fashion/errors"))}
