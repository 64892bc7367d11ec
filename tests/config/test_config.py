import math
import subprocess
import sys
from copy import deepcopy
from typing import get_args

import pytest
from dvc.utils.hydra import apply_overrides
from pydantic import BaseModel, ValidationError
from ruamel.yaml import YAML

from fashion.config import loader
from fashion.config.loader import ParamsError, read, sections_loaded
from fashion.config.model import Model
from fashion.config.params import Params
from fashion.config.stages import Plot
from tests.conftest import MODELS, ROOT, write_yaml
from tools.new_project import with_lines


def change(document, path, value):
    changed = deepcopy(document)
    *parents, last = (int(part) if part.isdigit() else part for part in path.split("."))
    section = changed
    for parent in parents:
        section = section[parent]
    section[last] = value
    return changed


def refusal(tmp_path, document):
    write_yaml(tmp_path / "params.yaml", document)
    with pytest.raises(ParamsError) as error:
        Params.load(tmp_path / "params.yaml")
    return str(error.value)


REVERSED = {"low": 0.9, "high": 0.1, "sampling": "linear"}
REFUSED = [
    ("train.sed", 1, "train.sed: unknown key"),
    ("models.mlp.network.droput", 0.1, "yaml: models.mlp.network.droput: unknown key"),
    ("train.seed", "1", "train.seed: Input should be a valid integer; received '1'"),
    ("models.mlp.fit.learning_rate", math.nan, "learning_rate: Input should be"),
    ("models.cnn.network.kind", "rnn", "models.cnn.network: Input tag 'rnn'"),
    ("models.cnn.fit.selection.hard_fraction", 0.9, "expected hard_fraction at most fraction"),
    ("models", {"tune": {}}, "expected a name other than accuracy_vs_flops, benchmarks, data, l"),
    ("champions", {"CNN": MODELS["cnn"]}, "the networks cnn and CNN differ in case only, so"),
    ("champions", {"cnn": MODELS["cnn"]}, "cnn: expected a name that is not one of models"),
    ("tune.network", "rnn", "expected tune.network to be one of mlp, cnn, received rnn"),
    ("tune.space", {"fit.rate": [1]}, "tune.space.fit.rate: 1: Extra inputs are not permitted"),
    ("tune.space", {"augment.flip": [1]}, "tune.space.augment.flip: 1: Input should be a valid"),
    ("tune.space", {"fit.epochs": [1]}, "tune.space.fit.epochs: remove it and set tune.algorit"),
    ("tune.space", {"fit.warmup": REVERSED}, "expected high above low, which is 0.9"),
    ("ood_detection.k", 6001, "ood_detection: expected k at most knn_bank_size, which is 6000"),
    ("data.classes", ["\u00e9", "e\u0301"], "expected each class once, received \u00e9 twice"),
    ("data.classes", ["cat ", "Cat"], "found 'cat ' (U+0063 U+0061 U+0074 U+0020) and 'Cat' (U+0"),
    ("data.classes", ["a", 36.5], "data.classes.1: expected text; put it in quotes"),
    ("data.classes", "folder", "data.classes: expected a list of names, or the word folders"),
    ("data.channels", 3, "data: expected preprocessing crop or pad for channels 3"),
    ("download.images", "data/raw", "download: expected `files: []` beside images"),
    ("download.files", [], "download: expected files with their SHA-256, or images: FOLDER"),
    ("download.files", [{"name": "../x", "sha256": "0" * 64}], "download.files.0.name: String"),
    ("download.sources", [{"ftp": "x"}], "sources.0: expected a mapping with one of the keys"),
]


@pytest.mark.parametrize(("path", "value", "expected"), REFUSED)
def test_a_faulty_value_is_refused_with_its_key(tmp_path, small_document, path, value, expected):
    text = refusal(tmp_path, change(small_document, path, value))
    assert expected in text
    assert len(text.splitlines()) == 1 or not path.startswith("download")


FIT = "models.cnn.fit"
BELOW_1 = math.nextafter(1, 0)
BOUNDS = [  # a key, the first or last valid value, and the next one
    ("preprocess.seed", 2**32 - 1, 2**32),
    ("preprocess.test_fraction", BELOW_1, 1.0),
    ("preprocess.group_by", "(a|b)_", "(a"),
    ("train.threads", 1, 0),
    ("data.classes", ["a", "b"], ["a"]),
    ("data.classes", [str(n) for n in range(256)], [str(n) for n in range(257)]),
    ("data.classes", "folders", None),
    ("download.sources", [{"debian": "ab", "folder": "/x"}], [{"debian": "ab", "folder": "x"}]),
    ("download.files.0.sha256", "0" * 64, "0" * 63),
    ("models.mlp.network.dropout", 0.0, 1.0),
    (f"{FIT}.learning_rate", 1e-9, 0.0),
    (f"{FIT}.selection.hard_fraction", 0.5, 0.6),  # fraction is 0.5
    (f"{FIT}.progressive_resizing", None, {"scale": 1.0, "fraction": 0.5}),
]


@pytest.mark.parametrize(("path", "value", "beyond"), BOUNDS)
def test_a_value_at_its_bound_is_valid_and_the_next_one_is_refused(
    small_document, path, value, beyond
):
    Params.model_validate(change(small_document, path, value))
    with pytest.raises(ValidationError):
        Params.model_validate(change(small_document, path, beyond))


def test_each_fault_of_a_file_has_a_line(tmp_path, small_document):
    document = change(change(small_document, "train.sed", 1), "train.threads", 0)
    del document["plot"]["dpi"]
    lines = refusal(tmp_path, document).splitlines()
    assert len(lines) == 3
    assert any(line.endswith("plot.dpi: required key is missing") for line in lines)


@pytest.mark.parametrize(
    "text", ["", "[1]", "a: [", "a: 1\na: 2\n", "\x00", "[" * 5000, "a: &a [*a]"]
)
def test_text_without_sections_is_refused(tmp_path, text):
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(ParamsError, match=r"params\.yaml"):
        Params.load(tmp_path / "params.yaml")
    with pytest.raises(ParamsError, match="cannot be read"):
        Params.load(tmp_path / "missing.yaml")


def test_scientific_notation_is_a_number_as_in_dvc(tmp_path):
    (tmp_path / "params.yaml").write_text("train: {seed: 0, threads: 2}\nx: 6e-3\n")
    assert read(tmp_path / "params.yaml")["x"] == 0.006


@pytest.mark.usefixtures("fashion_mnist")  # other files may have another style
def test_an_experiment_changes_a_single_line(tmp_path):
    """The style of the file is that of `dvc exp run -S`."""
    path = tmp_path / "params.yaml"
    path.write_bytes((ROOT / "params.yaml").read_bytes())
    dpi = Plot.load(path).dpi + 1
    apply_overrides(path, [f"plot.dpi={dpi}"])
    before, after = ((p.read_text().splitlines()) for p in (ROOT / "params.yaml", path))
    changed = [two for two in zip(before, after, strict=True) if two[0] != two[1]]
    assert changed == [(f"  dpi: {dpi - 1}", f"  dpi: {dpi}")]


def test_the_lines_for_photographs_are_valid():
    document, lines = (
        YAML(typ="safe").load(ROOT / name) for name in ("params.yaml", "examples/clothing.yaml")
    )
    params = Params.model_validate(with_lines(document, lines))
    assert {model.network.kind for model in params.models.values()} == {"pretrained"}


def test_a_network_is_loaded_from_models_or_champions(tmp_path):
    write_yaml(tmp_path / "params.yaml", {"models": {}, "champions": MODELS})
    assert Model.load("cnn", tmp_path / "params.yaml") == Model.model_validate(MODELS["cnn"])
    with pytest.raises(ParamsError, match=r"expected the name of a network \(mlp, cnn\), received"):
        Model.load("vgg", tmp_path / "params.yaml")


def test_a_stage_loads_its_own_section_alone(tmp_path):
    path, plot = tmp_path / "params.yaml", {"dpi": 1, "mistakes": 1, "examples": 1}
    write_yaml(path, {"plot": plot, "train": "faulty"})
    assert Plot.load(path).dpi == 1
    write_yaml(path, {"train": {}})
    with pytest.raises(ParamsError, match=r"params\.yaml: plot: required key is missing"):
        Plot.load(path)


def test_values_that_were_read_are_compared_with_the_file(tmp_path, monkeypatch):
    monkeypatch.setattr(loader, "_loaded", {})
    path = tmp_path / "params.yaml"
    document = {"plot": {"dpi": 1, "mistakes": 1, "examples": 1}, "models": MODELS}
    write_yaml(path, document)
    Plot.load(path)
    Model.load("cnn", path, sections=["augment"])
    assert dict(sections_loaded()) == {"plot": True, "models.cnn.augment": True}
    for key, value, plot, augment in (
        ("plot.dpi", 2, False, True),
        ("models.cnn.fit.epochs", 9, True, True),
        ("models.cnn.augment.shift", 9, True, False),
        ("models", None, True, False),
    ):
        write_yaml(path, change(document, key, value))
        assert dict(sections_loaded()) == {"plot": plot, "models.cnn.augment": augment}


def schemas(annotation):
    """All schemas in a type annotation."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
        for field in annotation.model_fields.values():
            yield from schemas(field.annotation)
    for argument in get_args(annotation):
        yield from schemas(argument)


def test_no_schema_has_a_default_that_could_change_a_result():
    all_schemas = set(schemas(Params))
    assert len(all_schemas) > 20
    for schema in all_schemas:
        assert all(field.is_required() for field in schema.model_fields.values()), schema


PROGRAM = """
import sys
from importlib import import_module
from fashion import cli
try:
    cli.run(import_module("stages.{stage}").main, *{names})
finally:
    print("tensorflow" in sys.modules)
"""


@pytest.mark.parametrize(
    ("stage", "key"),
    [
        ("download", "download.retires"),
        ("preprocess", "preprocess.sed"),
        ("describe", "describe.max_rsm"),
        ("train", "models.mlp.fit.epoch"),
        ("evaluate", "evaluate.bins"),
        ("export", "export.nearst"),
        ("plot", "plot.dip"),
    ],
)
def test_a_stage_refuses_faulty_params_with_exit_code_2_and_writes_nothing(
    tmp_path, small_document, stage, key
):
    write_yaml(tmp_path / "params.yaml", change(small_document, key, 1))
    arguments = [] if stage in {"download", "preprocess", "describe"} else ["mlp"]
    program = PROGRAM.format(stage=stage, names=["network"][: len(arguments)])
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == f"params.yaml: {key}: unknown key; remove it or correct its spelling\n"
    assert done.stdout == "False\n", "TensorFlow was imported before params were checked"
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]
