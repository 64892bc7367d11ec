"""Model cards have the Hub's format and say what the files of a project say."""

import pytest
from ruamel.yaml import YAML

from tests.tools.conftest import SCORES, as_fashion_mnist, rename_report
from tools.card import card

HUB_DATASET = "zalando-datasets/fashion_mnist"


def split_head(text):
    _, head, body = text.split("---\n", 2)
    return YAML(typ="safe").load(head), body


def test_the_metadata_are_what_the_hub_documents(root, small_params):
    """github.com/huggingface/hub-docs, modelcard.md."""
    head, _ = split_head(card("mlp", as_fashion_mnist(small_params), root))
    assert (head["library_name"], head["pipeline_tag"]) == ("keras", "image-classification")
    assert head["datasets"] == [HUB_DATASET]
    (index,) = head["model-index"]
    (result,) = index["results"]
    assert index["name"] == "mlp"
    assert result["task"]["type"] == head["pipeline_tag"]
    assert result["dataset"] == {"type": HUB_DATASET, "name": "Shapes", "split": "test"}
    assert {metric["type"] for metric in result["metrics"]} == set(head["metrics"])
    names = ("accuracy", "accuracy_without_tta", "macro_f1")
    assert [metric["value"] for metric in result["metrics"]] == [SCORES[name] for name in names]


def test_cards_of_other_data_do_not_speak_of_fashion_mnist(root, small_params):
    head, body = split_head(card("mlp", small_params, root))
    assert not {"datasets", "model-index", "license"} & head.keys()
    assert "trained on Shapes" in body
    assert "Zalando" not in body


@pytest.mark.parametrize("name", ["1e5", "no", "12:30", "a: " * 50 + "'b' \\"])
def test_names_in_the_metadata_are_text_in_yaml_1_1_and_1_2(root, small_params, name):
    rename_report(root, name)
    data = small_params.data.model_copy(update={"name": name})
    models = {name: small_params.models["mlp"]}
    text = card(name, as_fashion_mnist(small_params, data=data, models=models), root)
    for version in ((1, 1), (1, 2)):
        yaml = YAML(typ="safe", pure=True)
        yaml.version = version
        (index,) = yaml.load(text.split("---\n")[1])["model-index"]
        assert index["name"] == index["results"][0]["dataset"]["name"] == name


def test_a_card_has_the_values_of_its_files(root, small_params):
    head, body = split_head(card("mlp", small_params, root))
    assert head["tags"] == ["keras", "onnx"]
    for text in (
        "20x20", "12,345 parameters", "star (F1 0.550)", "90.00%", "88.00%", "0.0200",
        "| ONNX", "1,234,567", "1e-05", "87.96%", "units:\n  - 16", "`ood_score`",
    ):  # fmt: skip
        assert text in body, text
