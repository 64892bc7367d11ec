"""`tools.report` writes what the files beside it say, between the marks, and nothing else."""

import shutil

import pytest
from jinja2 import UndefinedError

from benchmarks.seeds import REPORT, settings, summarize
from fashion.io.files import read_json, write_json
from tests.conftest import ROOT, files, write_yaml
from tests.tools.conftest import SCORES
from tests.tools.test_markdown import PARSER
from tools import card, report
from tools.markdown import render
from tools.report import (
    BEGIN,
    END,
    ReportError,
    insert,
    main,
    readme_benchmarks,
    readme_results,
)

FIRST, LAST = BEGIN.format("results"), END.format("results")
RUNS = [
    {
        "seed": seed,
        "accuracy": 0.9 + seed / 100,
        "loss": 0.3 + seed / 100,
        "training_seconds": 600.5,
    }
    for seed in range(3)
]
MACHINE = {"machine": {"instructions": "avx2"}}
CLASSES = "class,precision,recall,f1\nBag,0.5,0.6,0.7\n"


@pytest.fixture
def root(tmp_path, small_document):
    """A project with a result of the `mlp`, with the benchmarks as committed."""
    write_yaml(tmp_path / "params.yaml", small_document)
    shutil.copytree(ROOT / "reports/benchmarks", tmp_path / "reports/benchmarks")
    marks = (mark.format(topic) for topic in ("results", "benchmarks") for mark in (BEGIN, END))
    (tmp_path / "README.md").write_text("before\n{}\nold\n{}\nbetween\n{}\n{}\n".format(*marks))
    report = tmp_path / "reports/mlp"
    write_json(report / "metrics.json", SCORES)
    (report / "per_class.csv").write_text(CLASSES)
    (report / "figures").mkdir()
    for name in ("zebra", "confusion", "curves"):
        (report / "figures" / f"{name}.png").touch()
    return tmp_path


def test_the_table_goes_between_its_marks_and_can_be_put_there_again():
    text = f"before\n{FIRST}\nold\n{LAST}\nafter\n"
    once = insert(text, "results", "new")
    assert once == f"before\n{FIRST}\nnew\n{LAST}\nafter\n"
    assert insert(once, "results", "new") == once


@pytest.mark.parametrize("text", ["", FIRST, LAST, f"{LAST} {FIRST}"])
def test_a_text_without_marks_is_refused(text):
    with pytest.raises(ReportError, match="expected a line"):
        insert(text, "results", "new")


def test_show_prints_the_scores_and_writes_nothing(root, capsys):
    before = {path: (root / path).read_bytes() for path in files(root)}
    main("show", root)
    assert capsys.readouterr().out.splitlines()[-1].split() == [
        "mlp", "90.00%", "88.00%", "0.2500", "0.8990", "0.0200", "12,345",
    ]  # fmt: skip
    assert {path: (root / path).read_bytes() for path in files(root)} == before


def test_every_table_is_written_and_written_again_the_same(root):
    main("write", root)
    pages = ("README.md", "reports/README.md", "reports/benchmarks/README.md")
    paths = (*pages, "reports/mlp/card.md")
    texts = [(root / path).read_text() for path in paths]
    assert texts[0].startswith(f"before\n{FIRST}\n| network")
    assert "| mlp " in texts[0]
    assert "old" not in texts[0]
    assert "of the processor's" in texts[0]
    assert "12,345 parameters" in texts[-1]
    main("write", root)
    assert [(root / path).read_text() for path in paths] == texts


def test_each_template_is_written_and_a_value_that_is_missing_is_an_error(root, monkeypatch):
    written = []

    def write(template, **values):
        written.append(template)
        return render(template, **values)

    for module in (report, card):
        monkeypatch.setattr(module, "render", write)
    main("write", root)
    assert sorted(written) == sorted(path.name for path in (ROOT / "tools/templates").iterdir())
    for template in written:
        with pytest.raises(UndefinedError):
            render(template)


def test_the_page_shows_every_figure_known_ones_first_with_captions(root):
    main("write", root)
    text = (root / "reports/README.md").read_text()
    places = [text.index(f"](mlp/figures/{name}.png)") for name in ("curves", "confusion", "zebra")]
    assert places == sorted(places)
    assert "![Loss and accuracy by epoch](mlp/figures/curves.png)" in text
    assert "| Bag" in text


NUMBERS = ["007", "1e5", "36.5", "38"]


@pytest.mark.parametrize("names", [NUMBERS, [*NUMBERS, "a|b", "<b>", "`", "*x*", "NA"]])
def test_class_names_are_shown_as_they_are_in_every_table(root, names):
    rows = "".join(f'"{name}",0.5,0.625,0.7\n' for name in names)
    (root / "reports/mlp/per_class.csv").write_text(f"class,precision,recall,f1\n{rows}")
    (root / "reports/mlp/figures/a (b)|c.png").touch()
    main("write", root)
    for page in ("reports/README.md", "reports/mlp/card.md"):
        text = (root / page).read_text().split("---\n\n")[-1]  # without the card's head
        parsed = PARSER.parse(text)
        cells = [token.children for token in parsed if token.type == "inline" and token.level == 4]
        shown = ["".join(part.content for part in cell) for cell in cells]
        places = [shown.index(name) for name in names]
        assert places == [*range(places[0], places[0] + 4 * len(names), 4)], page
        assert shown[places[0] + 1 : places[0] + 4] == ["0.500", "0.625", "0.700"]
    assert "](mlp/figures/a%20%28b%29%7Cc.png)" in (root / "reports/README.md").read_text()


def test_names_of_data_and_networks_are_shown_as_they_are(root, small_document):
    data = small_document["data"] | {"name": "1. <i>|A_B_", "license": "*MIT*"}
    data["homepage"] = "https://a.org/b_(c)"
    models = {"1e5": small_document["models"]["mlp"], "cnn": small_document["models"]["cnn"]}
    document = small_document | {"data": data, "models": models}
    document["tune"] = document["tune"] | {"network": "cnn"}
    write_yaml(root / "params.yaml", document)
    (root / "reports/mlp").rename(root / "reports/1e5")
    main("write", root)
    texts = [
        (root / page).read_text()
        for page in ("README.md", "reports/README.md", "reports/1e5/card.md")
    ]
    assert "| 1e5 " in texts[0]
    assert "| 1e5 " in texts[1]
    for text in texts:
        assert "1. &lt;i&gt;|A_B_" in PARSER.render(text)
    assert 'href="https://a.org/b_%28c%29"' in PARSER.render(texts[1])
    assert "licence *MIT*. 50 of" in PARSER.render(texts[2])


def write_predictions(root, network, *, actual):
    rows = "".join(f"{name},{name},0.9\n" for name in actual)
    (root / f"reports/{network}/predictions.csv").write_text(f"actual,predicted,confidence\n{rows}")


def test_networks_of_other_test_images_are_refused_before_anything_is_written(root, small_document):
    champions = {"best": small_document["models"]["mlp"]}
    write_yaml(root / "params.yaml", small_document | {"champions": champions})
    shutil.copytree(root / "reports/mlp", root / "reports/best")
    write_predictions(root, "mlp", actual=["Bag", "Coat"])
    write_predictions(root, "best", actual=["Bag", "Coat"])
    main("write", root)
    assert "by McNemar's exact test" in (root / "reports/README.md").read_text()
    before = {path: (root / path).read_bytes() for path in files(root)}
    for others in (["Bag", "Shirt"], ["Bag"]):
        write_predictions(root, "best", actual=others)
        with pytest.raises(ReportError, match="best was evaluated on other test images than mlp"):
            main("write", root)
    write_predictions(root, "best", actual=["Bag", "Coat"])
    assert {path: (root / path).read_bytes() for path in files(root)} == before


def test_figures_of_fashion_mnist_are_not_among_results_of_other_data(root, small_document):
    main("write", root)
    assert "accuracy_vs_flops/accuracy.png" not in (root / "reports/README.md").read_text()
    first, *rest = small_document["download"]["files"]
    files = [first | {"sha256": card.FASHION_MNIST}, *rest]
    download = small_document["download"] | {"files": files}
    write_yaml(root / "params.yaml", small_document | {"download": download})
    main("write", root)
    assert "accuracy_vs_flops/accuracy.png" in (root / "reports/README.md").read_text()


def test_the_page_of_benchmarks_has_each_file_with_its_machine(root):
    main("write", root)
    text = (root / "reports/benchmarks/README.md").read_text()
    names = sorted(path.stem for path in (root / "reports/benchmarks").glob("*.json"))
    assert names
    assert all(f"## `benchmarks/{name}.py`" in text for name in names)
    assert text.count("On: cpu ") == len(names) - 1 + len(read_json_networks(root))


def read_json_networks(root):
    return read_json(root / "reports/benchmarks/seeds.json")["networks"]


def cells(text):
    """The cells of a table in Markdown below its head."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()[2:]]


def test_statistics_of_other_settings_are_not_shown(tmp_path, small_params):
    known = {"settings": settings(small_params, "mlp"), **MACHINE, **summarize(RUNS, 2)}
    for networks, shown in (
        ({"mlp": known}, ["91.00% ± 1.00 (n = 3)", "600 s, avx2"]),
        ({}, ["-", "-"]),
        ({"mlp": known | {"settings": {}}}, ["-", "-"]),
    ):
        write_json(tmp_path / REPORT, {"networks": networks})
        (row,) = cells(readme_results({"mlp": SCORES}, small_params, tmp_path))
        assert row == ["mlp", "90.00%", "88.00%", *shown, "12,345"]


def test_a_benchmark_that_has_not_run_leaves_no_row():
    step = read_json(ROOT / "reports/benchmarks/step.json")
    step.pop("torch", None)
    ((_, _, against),) = cells(readme_benchmarks({"step": step}))
    assert "PyTorch" not in against
    assert "Keras" in against


SPEEDS = {"first_answer_s": 4.5, "latency_ms": 0.4123, "p95_ms": 0.5, "images_per_second": 2400}
SERVING = {
    "one_image": {"median": 0.31},
    "runs": [
        {"runtime": runtime, "threads": threads, **SPEEDS, "latency_ms": latency * threads}
        for threads in (1, 2)
        for runtime, latency in (("Keras `predict`", 30.0), ("ONNX Runtime", 0.2), ("LiteRT", 1))
    ],
}


def test_serving_is_compared_with_keras_at_most_threads():
    image, image = cells(readme_benchmarks({"serving": SERVING}))
    assert image[1:] == ["0.31 s", "first prediction: Keras `predict` 4.5 s"]
    assert image[1:] == ["0.4 ms, 2,400 images/s", "Keras `predict` 60 ms, 2,400 images/s"]
    assert cells(readme_benchmarks({"serving": {"runs": SERVING["runs"][:1]}})) == []


def test_another_action_is_refused():
    with pytest.raises(ReportError, match="expected one of write, show; received print"):
        main("print")
