"""Model cards: what a network is, is for, and can do, as the Hugging Face Hub shows models.

In: `params.yaml`, `reports/NETWORK/` and `reports/benchmarks/seeds.json`. Out: a text, which
`make report` writes to `reports/NETWORK/card.md`; what its files do not tell yet is left out.
Its links lead to files beside it. Sources: Mitchell et al., arXiv:1810.03993, for the sections;
huggingface.co/docs/hub/model-cards for the metadata at the head.
"""

import io
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import SingleQuotedScalarString

from fashion.files import read_csv, read_json
from fashion.params.data import Data
from fashion.params.whole import Params
from tools.bench.seeds import current
from tools.markdown import link, plain, table

TASK = {"type": "image-classification", "name": "Image classification"}
METRICS = {  # name in metrics.json: metric of the hub, title
    "accuracy": ("accuracy", "Accuracy"),
    "accuracy_without_tta": ("accuracy", "Accuracy without test-time augmentation"),
    "macro_f1": ("f1", "Macro F1"),
}
FIGURES = {"confusion_normalized": "Confusion matrix", "reliability": "Reliability"}
FORMATS = {"onnx": "ONNX", "tflite": "LiteRT", "float16.tflite": "LiteRT float16"} | {
    "int8.tflite": "LiteRT int8"
}


class DataSet(NamedTuple):
    """What `params.yaml` does not tell of a data set."""

    hub: str = ""  # its name on huggingface.co/datasets
    content: str = ""
    limits: str = ""
    citation: str = ""


FASHION_MNIST = DataSet(
    "zalando-datasets/fashion_mnist",
    "60,000 training and 10,000 test images of Zalando's articles, as many of each class",
    "The images are studio photographs of one article each, cut out and turned into bright "
    "greyscale on black. Other photographs must be prepared alike, as `fashion-predict` does, and "
    "are recognised less often. People, several articles at once, and clothes of other times and "
    "places than a European shop of 2017 are not among them.",
    "@article{xiao2017fashion,\n"
    "  title = {Fashion-MNIST: a Novel Image Dataset\n"
    "    for Benchmarking Machine Learning Algorithms},\n"
    "  author = {Han Xiao and Kashif Rasul and Roland Vollgraf},\n"
    "  journal = {arXiv:1708.07747},\n"
    "  year = {2017}\n}",
)
KNOWN = {"c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888": FASHION_MNIST}
UNKNOWN = DataSet()
YAML_TEXT = "tag:yaml.org,2002:str"


def card(network: str, params: Params, root: Path = Path()) -> str:
    """The card of `network`, which has been evaluated: YAML between `---`, then Markdown."""
    report, data = root / "reports" / network, data_set(params)
    scores = read_json(report / "metrics.json")
    exported = report / "export.json"
    formats = read_json(exported) if exported.exists() else {}
    head = io.StringIO()
    YAML().dump(metadata(network, params.data.name, data.hub, scores, formats), head)
    sections = {
        f"{plain(network)}, trained on {plain(params.data.name)}": summary(
            network, params, scores, report
        ),
        "Intended use and limits": limits(report, data, formats),
        "How to use it": usage(network, params, formats),
        "Training": training(network, params, data),
        "Results": results(report, scores, params),
        "Formats": format_table(network, formats),
        "Out-of-distribution images": unfamiliar(report / "unfamiliar.csv"),
        "Reproducibility": reproducibility(network, params, root),
        "Citation": data.citation and f"```bibtex\n{data.citation}\n```",
    }
    first, *others = [f"# {title}\n\n{text}\n" for title, text in sections.items() if text]
    return "\n".join([f"---\n{head.getvalue()}---\n", first, *(f"#{other}" for other in others)])


def data_set(params: Params) -> DataSet:
    """The data set that the digests of `params.download` are of."""
    return next(
        (KNOWN[file.sha256] for file in params.download.files if file.sha256 in KNOWN), UNKNOWN
    )


def metadata(
    network: str, data: str, hub: str, scores: Mapping[str, Any], formats: Mapping[str, Any]
) -> dict[str, Any]:
    """What the hub searches and shows; `model-index` only for a data set that the hub has."""
    result = {
        "task": TASK,
        "dataset": {"type": hub, "name": quoted(data), "split": "test"},
        "metrics": [
            {"type": kind, "value": scores[name], "name": title}
            for name, (kind, title) in METRICS.items()
        ],
    }
    known = {"datasets": [hub], "model-index": [{"name": quoted(network), "results": [result]}]}
    extensions = sorted({suffix.rpartition(".")[2] for suffix in formats})
    return {
        "library_name": "keras",
        "pipeline_tag": TASK["type"],
        "license": "mit",
        "metrics": ["accuracy", "f1"],
        "tags": ["keras", *extensions],
        **(known if hub else {}),
    }


def quoted(text: str) -> str:
    """`text` in quotes where YAML 1.1, by which the hub reads, has it as a boolean or a number.

    The file is written by YAML 1.2, in which `no` and `12:30` are texts without quotes.
    """
    tag = VersionedResolver("1.1").resolve(ScalarNode, text, (True, False))
    return text if str(tag) == YAML_TEXT else SingleQuotedScalarString(text)


def source(data: Data) -> str:
    """The name of the data, with a link to where they are from."""
    name = plain(data.name)
    return link(name, str(data.homepage)) if data.homepage else name


def class_rows(report: Path) -> list[dict[str, Any]]:
    """The scores of each class, in the order of labels."""
    rows = read_csv(report / "per_class.csv", text_columns=("class",)).to_dict("records")
    return [{str(name): value for name, value in row.items()} for row in rows]


def class_table(report: Path) -> str:
    """The same as Markdown."""
    rows = [row | {"class": plain(row["class"])} for row in class_rows(report)]
    return table(rows, text=["class"])


def summary(network: str, params: Params, scores: Mapping[str, Any], report: Path) -> str:
    """What it is, in a paragraph."""
    data, config = params.data, params.networks[network].network
    kind = "greyscale" if data.channels == 1 else "colour"
    return (
        f"A classifier of {data.image_height}x{data.image_width} {kind} images with "
        f"{scores['parameters']:,d} parameters. Kind `{config.kind}`: {config.__doc__} "
        f"Its classes: {', '.join(plain(row['class']) for row in class_rows(report))}."
    )


def limits(report: Path, data: DataSet, formats: Mapping[str, Any]) -> str:
    """What it is for, and where it is weak."""
    weakest = min(class_rows(report), key=lambda row: row["f1"])
    name = plain(weakest["class"])
    unlike = " The ONNX format also tells how unlike the training images one is (`distance`)."
    return (
        "For teaching, for comparing methods, and as a part to build on; not for decisions about "
        "people. It answers with one of its classes, whatever it is shown; the least reliable is "
        f"{name} (F1 {weakest['f1']:.3f}).{unlike if 'onnx' in formats else ''}\n\n"
        f"{data.limits}"
    ).strip()


def usage(network: str, params: Params, formats: Mapping[str, Any]) -> str:
    """The lines that open it. Pixels are scaled inside."""
    data = params.data
    channels = "" if data.channels == 1 else f", {data.channels}"
    shape = f"uint8 [count, {data.image_height}, {data.image_width}{channels}], 0 to 255"
    text = (
        f'```python\nimport keras\n\nmodel = keras.saving.load_model("models/{network}.keras", '
        'safe_mode=True)  # or "hf://USER/NAME"\n'
        f"probabilities = model.predict(images)  # {shape}\n```"
    )
    if "onnx" in formats:
        file = export_path(network, "onnx")
        text += (
            "\n\nWithout Keras, as ONNX:\n\n```python\nimport onnxruntime\n\n"
            f'session = onnxruntime.InferenceSession("{file}")\n'
            'probabilities = session.run(["probabilities"], {"images": images})[0]\n```\n\n'
            f"A picture of any size: `fashion-predict --model {file} PICTURE`."
        )
    return text


def training(network: str, params: Params, data: DataSet) -> str:
    """Data and settings."""
    settings = io.StringIO()
    YAML().dump(params.networks[network].model_dump(mode="json"), settings)
    terms = f", licence {plain(params.data.license)}" if params.data.license else ""
    content = f": {data.content}" if data.content else ""
    return (
        f"{source(params.data)}{terms}{content}. {params.preprocess.validation_images:,d} of the "
        "training images, a part of each class, were held out for validation. "
        f"Seed {params.train.seed}, precision {params.train.precision}; settings:\n\n"
        f"```yaml\n{settings.getvalue()}```"
    )


def results(report: Path, scores: Mapping[str, Any], params: Params) -> str:
    """Scores on the test images, of all and of each class, and figures."""
    bins = params.evaluate.calibration_bins
    rows = {
        "accuracy": f"{scores['accuracy']:.2%}",
        "accuracy without test-time augmentation": f"{scores['accuracy_without_tta']:.2%}",
        "accuracy of the two most probable classes": f"{scores['top2_accuracy']:.2%}",
        "macro F1": f"{scores['macro_f1']:.4f}",
        "loss (cross-entropy)": f"{scores['loss']:.4f}",
        f"expected calibration error, {bins} bins": f"{scores['ece']:.4f}",
    }
    scores_table = table([{"test images": name, "": value} for name, value in rows.items()])
    figures = [
        f"![{caption}](figures/{name}.png)"
        for name, caption in FIGURES.items()
        if (report / "figures" / f"{name}.png").exists()
    ]
    note = "No training, calibration or search reads the test images."
    return "\n\n".join([note, scores_table, class_table(report), *figures])


def format_table(network: str, formats: Mapping[str, Any]) -> str:
    """Each exported format: its size, and how far it is from Keras."""
    rows = [
        {
            "format": FORMATS.get(suffix, suffix),
            "file": f"`{export_path(network, suffix)}`",
            "on the hub": f"`{hub_name(suffix)}`",
            "bytes": f"{about['bytes']:,d}",
            "largest difference of a probability": f"{about['largest_difference']:.1e}",
            "accuracy, one view": f"{about['accuracy']:.2%}",
        }
        for suffix, about in formats.items()
    ]
    compared = (
        "The same network for other runtimes, compared with Keras on the test images. Inputs are "
        "pixels, 0 to 255; outputs are `probabilities`, `logits` and `features`.\n\n"
    )
    return compared + table(rows) if rows else ""


def export_path(network: str, suffix: str) -> str:
    """Where an exported format is, from the root of the project."""
    return f"models/{network}.{suffix}"


def hub_name(suffix: str) -> str:
    """The name of an exported format beside its card on the hub."""
    return f"model.{suffix}"


def unfamiliar(file: Path) -> str:
    """How well images unlike the training images are told from the test images."""
    if not file.exists():
        return ""
    found = read_csv(file, text_columns=("kind",)).to_dict("records")
    rows = [{str(name).replace("_", " "): value for name, value in row.items()} for row in found]
    return (
        "Images of none of the classes against the test images, by distance to the nearest "
        "training images and by energy of the logits: area under the ROC curve (AUROC), and the "
        "fraction above a threshold set on validation images.\n\n"
        f"{table(rows, text=['kind'])}"
    )


def reproducibility(network: str, params: Params, root: Path) -> str:
    """What comes out again, and the spread over seeds where it was measured."""
    command = "make verify" if network in params.models else "make champion"
    text = (
        "Equal data, code, settings, versions and threads "
        f"({params.train.threads}) give equal bytes; `{command}` shows it."
    )
    known = current(params, network, root)
    if known and (of := known["accuracy"])["n"] > 1:
        text += (
            f" Over {of['n']} seeds the accuracy is {of['mean']:.2%} ± {100 * of['sd']:.2f} "
            "(mean and standard deviation)."
        )
    return text
