"""Cards say what the files say, in the form that the hub documents; the hub's folder is whole."""

import re
import shutil
import zipfile

import keras
import numpy as np
import pytest
from ruamel.yaml import YAML

from fashion.io.files import FileError, read_json, sha256, write_json
from fashion.models.saving import write_model
from fashion.networks.building import build
from tests.conftest import CLASSES, ROOT, SHAPE, write_yaml
from tests.tools.conftest import SCORES
from tools import hub
from tools.card import FASHION_MNIST, card

EXPORTED = {"bytes": 1234567, "max_abs_diff": 2.03e-6, "accuracy": 0.8796}
CLASS_SCORES = "class,precision,recall,f1\n" + "".join(
    f"{name},0.5,0.6,{0.55 if name == 'star' else 0.9}\n" for name in CLASSES
)
HUB_DATA = "zalando-datasets/fashion_mnist"
LINK = re.compile(r"\]\(([^)]+)\)")


@pytest.fixture
def root(tmp_path, small_document, small_params):
    """A project with an evaluated and exported `mlp`, of another data set."""
    model = build(small_params.models["mlp"].network, SHAPE, len(CLASSES))
    write_model(tmp_path / "models/mlp.keras", model)
    (tmp_path / "models/mlp.onnx").write_bytes(b"an ONNX file")
    report = tmp_path / "reports/mlp"
    write_json(report / "metrics.json", SCORES)
    write_json(report / "export.json", {"onnx": EXPORTED})
    (report / "per_class.csv").write_text(CLASS_SCORES)
    (report / "figures").mkdir()
    for name in ("confusion_normalized", "reliability"):
        (report / "figures" / f"{name}.png").touch()
    document = small_document | {"models": {"mlp": small_document["models"]["mlp"]}}
    document["tune"] = document["tune"] | {"network": "mlp"}
    write_yaml(tmp_path / "params.yaml", document)
    return tmp_path


def head_of(text):
    _, head, body = text.split("---\n", 2)
    return YAML(typ="safe").load(head), body


def sections(text):
    return re.findall(r"^## (.+)$", text, re.MULTILINE)


def committed_cards(params):
    cards = {network: ROOT / f"reports/{network}/card.md" for network in params.networks}
    return {network: path.read_text() for network, path in cards.items() if path.exists()}


def test_what_a_network_is_stands_in_one_paragraph(committed_params):
    for text in committed_cards(committed_params).values():
        (summary,) = re.findall(r"^A classifier of .+$", text, re.MULTILINE)
        assert re.search(r"Kind `\w+`: [A-Z].+\. Its classes: .+\.$", summary)


def test_the_head_is_what_the_hub_documents(committed_params):
    """github.com/huggingface/hub-docs, modelcard.md: which keys are required, which may be."""
    for network, text in committed_cards(committed_params).items():
        head, _ = head_of(text)
        assert head["library_name"] == "keras"
        assert (head["pipeline_tag"], head["license"]) == ("image-classification", "mit")
        assert head["datasets"] == [HUB_DATA]
        (index,) = head["model-index"]
        (result,) = index["results"]
        assert index["name"] == network
        assert result.keys() == {"task", "dataset", "metrics"}
        assert result["task"]["type"] == head["pipeline_tag"]
        assert {"type", "name"} <= result["dataset"].keys()
        assert result["dataset"].keys() <= {"type", "name", "config", "split", "revision", "args"}
        assert {metric["type"] for metric in result["metrics"]} == set(head["metrics"])
        scores = read_json(ROOT / f"reports/{network}/metrics.json")
        values = [metric["value"] for metric in result["metrics"]]
        assert values == [scores[name] for name in ("accuracy", "accuracy_without_tta", "macro_f1")]


def of_fashion_mnist(params, **changes):
    file = params.download.files[0].model_copy(update={"sha256": FASHION_MNIST})
    download = params.download.model_copy(update={"files": (file,)})
    return params.model_copy(update={"download": download, **changes})


def test_a_data_set_is_known_by_its_digests(root, small_params):
    head, body = head_of(card("mlp", small_params, root))
    assert not {"datasets", "model-index"} & head.keys()
    assert "trained on Shapes" in body
    assert "Zalando" not in body
    head, body = head_of(card("mlp", of_fashion_mnist(small_params), root))
    assert head["datasets"] == [HUB_DATA]
    assert "Zalando" in body
    assert "Citation" in sections(body)


@pytest.mark.parametrize(
    "name",
    ["1e5", "no", "1_000", "12:30", "2024-01-01", "007", "Own: a", "a: " * 50 + "'b' \\"],
)
def test_names_in_the_head_are_texts_for_readers_of_yaml_1_1_and_1_2(root, small_params, name):
    (root / "reports/mlp").rename(root / "reports" / name)
    data = small_params.data.model_copy(update={"name": name})
    models = {name: small_params.models["mlp"]}
    text = card(name, of_fashion_mnist(small_params, data=data, models=models), root)
    for version in ((1, 1), (1, 2)):
        yaml = YAML(typ="safe", pure=True)
        yaml.version = version
        (index,) = yaml.load(text.split("---\n")[1])["model-index"]
        assert index["name"] == index["results"][0]["dataset"]["name"] == name


def test_a_card_tells_what_its_files_tell(root, small_params):
    head, body = head_of(card("mlp", small_params, root))
    assert head["tags"] == ["keras", "onnx"]
    for part in (
        "20x20", "12,345 parameters", "star (F1 0.550)", "90.00%", "88.00%", "0.0200",
        "| ONNX", "1,234,567", "2.0e-06", "87.96%", "units:\n  - 16", "`distance`",
    ):  # fmt: skip
        assert part in body, part


def test_what_is_not_made_yet_is_left_out(root, small_params):
    everything = sections(card("mlp", small_params, root))
    report = root / "reports/mlp"
    (report / "ood.csv").write_text("kind,knn_auroc\nnoise,0.98123\n")
    text = card("mlp", small_params, root)
    assert "distance auroc" in text
    assert "| noise" in text
    assert "0.981" in text
    assert {*sections(text)} - {*everything} == {"Out-of-distribution images"}
    for name in ("export.json", "ood.csv"):
        (report / name).unlink()
    shutil.rmtree(report / "figures")
    text = card("mlp", small_params, root)
    assert "Formats" in everything
    assert "Formats" not in sections(text)
    assert not [word for word in ("onnx", "fashion-predict", "distance", "![") if word in text]


def test_the_hub_folder_has_all_that_the_card_names(root, capsys):
    hub.main(str(root / "hub"), root)
    folder = root / "hub/mlp"
    text = (folder / "README.md").read_text()
    links = [link for link in LINK.findall(text) if "://" not in link]
    assert links
    assert [link for link in links if not (folder / link).is_file()] == []
    assert "`model.onnx`" in text
    assert (folder / "model.onnx").read_bytes() == b"an ONNX file"
    assert (folder / "labels.txt").read_text().splitlines() == CLASSES
    printed = capsys.readouterr().out
    assert all(path.name in printed for path in folder.iterdir())
    assert f"hf upload USER/mlp {folder} ." in printed


def test_keras_opens_the_hub_folder_as_it_opens_the_archive(root):
    hub.main(str(root / "hub"), root)
    images = np.random.default_rng(0).integers(0, 256, (4, *SHAPE), dtype=np.uint8)
    expected, found = (
        keras.saving.load_model(root / path, safe_mode=True).predict(images, verbose=0)
        for path in ("models/mlp.keras", "hub/mlp")
    )
    np.testing.assert_array_equal(found, expected)
    with zipfile.ZipFile(root / "models/mlp.keras") as archive:
        assert set(archive.namelist()) == set(hub.PARTS)


def test_the_hub_folder_is_written_again_over_the_last(root):
    hub.main(str(root / "hub"), root)
    files = {path: sha256(path) for path in (root / "hub").rglob("*") if path.is_file()}
    hub.main(str(root / "hub"), root)
    assert {path: sha256(path) for path in (root / "hub").rglob("*") if path.is_file()} == files


@pytest.mark.parametrize(
    "name", ["models/mlp.keras", "models/mlp.onnx", "reports/mlp/metrics.json"]
)
def test_a_file_that_is_missing_is_named(root, name):
    (root / name).unlink()
    with pytest.raises(FileError, match=f"{name}: missing"):
        hub.main(str(root / "hub"), root)


def test_a_champion_is_laid_out_where_it_is_trained(root, small_document):
    models = {"mlp": small_document["models"]["mlp"]}
    tune = small_document["tune"] | {"network": "mlp"}
    document = small_document | {"models": models, "champions": {"best": models["mlp"]}}
    write_yaml(root / "params.yaml", document | {"tune": tune})
    shutil.copytree(root / "reports/mlp", root / "reports/best")
    shutil.copy(root / "models/mlp.onnx", root / "models/best.onnx")  # both are in Git
    hub.main(str(root / "clone"), root)
    assert [path.name for path in (root / "clone").iterdir()] == ["mlp"]
    shutil.copy(root / "models/mlp.keras", root / "models/best.keras")
    hub.main(str(root / "hub"), root)
    assert "`make champion` shows it" in (root / "hub/best/README.md").read_text()
    assert "`make verify` shows it" in (root / "hub/mlp/README.md").read_text()
