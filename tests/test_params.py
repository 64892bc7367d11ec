import json
import math
import subprocess
import sys
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from fashion.params import ParamsError, load_params
from tests.conftest import ROOT, write_yaml


def change(document, path, value):
    changed = deepcopy(document)
    *parents, last = path.split(".")
    section = changed
    for parent in parents:
        section = section[parent]
    section[last] = value
    return changed


def refusal(tmp_path, document):
    write_yaml(tmp_path / "params.yaml", document)
    with pytest.raises(ParamsError) as error:
        load_params(tmp_path / "params.yaml")
    return str(error.value)


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("train.sed", 1, "train.sed: unknown key"),
        ("models.mlp.network.droput", 0.1, "yaml: models.mlp.network.droput: unknown key"),
        ("extra", {}, "extra: unknown key"),
        ("train.seed", "1", "train.seed: Input should be a valid integer; received '1'"),
        ("train.seed", True, "train.seed: Input should be a valid integer; received True"),
        ("train.seed", 1.0, "train.seed: Input should be a valid integer; received 1.0"),
        ("train.threads", 0, "train.threads: Input should be greater than 0; received 0"),
        ("models.mlp.fit.learning_rate", math.nan, "learning_rate: Input should be"),
        ("models.mlp.fit.learning_rate", math.inf, "should be a finite number; received inf"),
        ("models.mlp.network.dropout", 1.0, "dropout: Input should be less than 1; received 1.0"),
        ("models.cnn.network.kind", "rnn", "models.cnn.network: Input tag 'rnn'"),
        ("models.cnn.network.filters", [], "filters: List should have at least 1 item"),
        ("models.mlp.fit.decay", "step", "decay: Input should be 'cosine' or 'linear'"),
        ("tune.space.network.widths", [3], "tune.space.network.widths: unknown key"),
        ("tune.space.network.dropout.high", 1.0, "dropout.high: Input should be less than 1"),
        ("tune.space.network.dropout.low", 0.9, "expected high above low, which is 0.9"),
        ("tune.space.network.depth", [9], "expected filters for each depth; there are 3"),
        ("tune.space.network.kernel_size", [], "kernel_size: List should have at least 1 item"),
        ("tune.space.augment.flip", [1], "flip.0: Input should be a valid boolean"),
        ("tune.space.fit.optimizers", [], "optimizers: List should have at least 1 item"),
        ("tune.space.fit.decay", ["step"], "decay.0: Input should be 'cosine' or 'linear'"),
        ("tune.algorithm.kind", "grid", "tune.algorithm: Input tag 'grid'"),
        ("tune.algorithm.factor", 1, "factor: Input should be greater than or equal to 2"),
        ("tune.budget.trials", 0, "trials: Input should be greater than 0"),
        ("tune.budget.minutes", 0.0, "minutes: Input should be greater than 0"),
        ("download.sources", [{"ftp": "x"}], "download.sources.0: expected a mapping with one of"),
        ("download.sources", ["x"], "sources.0: expected a mapping with one of the keys site, url"),
        ("download.sources", [{"site": "mirror"}], "sources.0.site: Input should be 'zalando' or"),
        ("download.sources", [{"url": "nowhere"}], "Input should be a valid URL"),
        ("download.sha256", {"../x": "0" * 64}, "download.sha256"),
        ("download.sha256", {"x": "0" * 63}, "String should match pattern"),
        ("download.sources", [{"url": "ftp://x"}], "download.sources.0.url: URL scheme should be"),
        ("download.sources", [{"directory": ""}], "download.sources.0.directory: String should"),
        ("download.sources", [{"debian": "x", "folder": "x"}], "sources.0.folder: String should"),
        ("download.sources", 3, "download.sources: Input should be a valid list"),
        ("train.seed", 2**32, "train.seed: Input should be less than 4294967296"),
        ("train.threads", 3_000_000_000, "train.threads: Input should be less than or equal to"),
        ("models.cnn.network.filters", [8.0], "models.cnn.network.filters.0: Input should be"),
        ("models", {"a.b": {}}, "String should match pattern"),
        ("models.cnn.fit.selection.share", 0.0, "share: Input should be greater than 0"),
        ("models.cnn.fit.selection.hardest", 0.9, "expected hardest at most share, which is"),
        ("evaluate.confidence_level", 1.0, "confidence_level: Input should be less than 1"),
    ],
)
def test_a_faulty_value_is_refused_by_its_key(tmp_path, small_document, path, value, expected):
    assert expected in refusal(tmp_path, change(small_document, path, value))


@pytest.mark.parametrize("sources", [["x"], [{"url": "ftp://x"}], [{"directory": ""}]])
def test_a_single_fault_in_a_list_is_a_single_line(tmp_path, small_document, sources):
    text = refusal(tmp_path, change(small_document, "download.sources", sources))
    assert len(text.splitlines()) == 1


def test_views_must_be_given_for_each_network_and_no_other(tmp_path, small_document):
    text = refusal(tmp_path, change(small_document, "evaluate.views", {"mlp": "none"}))
    assert text.endswith("params.yaml: expected evaluate.views for mlp, cnn; it has mlp")


def test_every_fault_of_a_file_is_told_at_once_in_a_line_each(tmp_path, small_document):
    document = change(change(small_document, "train.sed", 1), "train.threads", 0)
    del document["plot"]["dpi"]
    lines = refusal(tmp_path, document).splitlines()
    assert len(lines) == 3
    assert any(line.endswith("plot.dpi: required key is missing") for line in lines)


@pytest.mark.parametrize("text", ["", "[1]", "a: [", "a: 1\na: 2\n", "\x00", "a: " + 5000 * "["])
def test_what_is_not_a_mapping_of_sections_is_refused(tmp_path, text):
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(ParamsError, match=r"params\.yaml"):
        load_params(tmp_path / "params.yaml")


def test_a_missing_file_is_refused(tmp_path):
    with pytest.raises(ParamsError, match="cannot be read"):
        load_params(tmp_path / "params.yaml")


@settings(deadline=None)
@given(st.text(max_size=200))
def test_no_text_gets_past_the_reader_but_as_params_error(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.yaml"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    with pytest.raises(ParamsError):
        load_params(path)


def test_scientific_notation_is_read_as_dvc_reads_it(tmp_path):
    text = (ROOT / "params.yaml").read_text().replace("learning_rate: 0.006", "learning_rate: 6e-3")
    (tmp_path / "params.yaml").write_text(text)
    assert load_params(tmp_path / "params.yaml").model("mlp").fit.learning_rate == 0.006


def test_a_network_that_is_not_there_is_refused_with_those_that_are(committed_params):
    with pytest.raises(ParamsError, match=r"params.yaml: models has no 'vgg'; it has mlp, cnn"):
        committed_params.model("vgg")


@pytest.mark.parametrize("stage", ["download", "preprocess", "train", "tune", "evaluate", "plot"])
def test_a_stage_refuses_faulty_params_with_exit_code_2_and_writes_nothing(
    tmp_path, small_document, stage
):
    write_yaml(tmp_path / "params.yaml", change(small_document, "plot.dip", 1))
    arguments = [] if stage in {"download", "preprocess"} else ["mlp"]
    program = (
        "import sys; from fashion import command; from importlib import import_module\n"
        f"names = {['network'][: len(arguments)]}\n"
        f"try: command.run(import_module('stages.{stage}').main, *names)\n"
        "finally: print('tensorflow' in sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, *arguments],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr == "params.yaml: plot.dip: unknown key; remove it or correct its spelling\n"
    assert done.stdout == "False\n", "TensorFlow was imported before params were checked"
    assert [path.name for path in tmp_path.iterdir()] == ["params.yaml"]


def keys_of(document, path=()):
    """The path of every value in a document, containers included."""
    items = document.items() if isinstance(document, dict) else enumerate(document)
    for key, value in items:
        yield (*path, key)
        if isinstance(value, dict | list):
            yield from keys_of(value, (*path, key))


COMMITTED = YAML(typ="safe").load(ROOT / "params.yaml")
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner),
    max_leaves=6,
)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(sorted(keys_of(COMMITTED), key=str)), ANYTHING)
def test_anything_in_place_of_any_value_is_taken_or_refused_by_a_line(
    tmp_path_factory, place, value
):
    document = deepcopy(COMMITTED)
    section = document
    for key in place[:-1]:
        section = section[key]
    section[place[-1]] = value
    path = tmp_path_factory.getbasetemp() / "params.yaml"
    path.write_text(json.dumps(document))
    said = []
    try:
        load_params(path)
    except ParamsError as error:
        said = str(error).splitlines()
    assert all(len(line) < 1000 for line in said)


def test_a_document_that_unfolds_to_billions_of_items_is_refused_at_once(tmp_path):
    """Aliases make a list of lists of lists; to write it out would take all memory."""
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)]
    text = "\n".join(["l0: &l0 [x, x]", *levels, "train: *l29", "plot: {dpi: *l29}"])
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(ParamsError, match="train: Input should be a valid dictionary") as error:
        load_params(tmp_path / "params.yaml")
    assert len(str(error.value)) < 10_000


@pytest.mark.parametrize("text", ["a: &a [*a]", "a: &a {b: *a}", "&a [*a]", "[" * 5000, "a: " * 99])
def test_a_document_that_holds_itself_or_never_ends_is_refused(tmp_path, text):
    (tmp_path / "params.yaml").write_text(text)
    with pytest.raises(ParamsError):
        load_params(tmp_path / "params.yaml")
