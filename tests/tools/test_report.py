"""`make report` writes tables from the files of `reports/`, between the marks of the README."""

import shutil

import pytest

from benchmarks.seeds import REPORT, settings, summarize
from fashion.io.files import read_json, write_json
from tests.conftest import ROOT, files, write_yaml
from tests.tools.conftest import SCORES
from tests.tools.test_markdown import PARSER
from tools import card, report
from tools.report import BEGIN, END, ReportError, insert, main

FIRST, LAST = BEGIN.format("results"), END.format("results")


@pytest.fixture
def root(root):
    """With the committed benchmarks and a README."""
    shutil.copytree(ROOT / "reports/benchmarks", root / "reports/benchmarks")
    marks = (mark.format(topic) for topic in ("results", "benchmarks") for mark in (BEGIN, END))
    (root / "README.md").write_text("before\n{}\nold\n{}\nbetween\n{}\n{}\n".format(*marks))
    return root


def contents(root):
    return {path: (root / path).read_bytes() for path in files(root)}


def rows_of(text):
    """The cells of a Markdown table below its header."""
    return [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines()[2:]]


def test_a_table_replaces_what_is_between_its_marks():
    text = insert(f"before\n{FIRST}\nold\n{LAST}\nafter\n", "results", "new")
    assert text == f"before\n{FIRST}\nnew\n{LAST}\nafter\n"


@pytest.mark.parametrize("text", [FIRST, f"{LAST} {FIRST}"])
def test_a_text_without_marks_is_refused(text):
    with pytest.raises(ReportError, match="expected a line"):
        insert(text, "results", "new")


def test_show_prints_the_scores_and_writes_nothing(root, capsys):
    before = contents(root)
    main("show", root)
    assert capsys.readouterr().out.splitlines()[-1].split() == [
        "mlp", "90.00%", "88.00%", "0.2500", "0.8990", "0.0200", "12,345",
    ]  # fmt: skip
    assert contents(root) == before


def test_every_page_is_written_and_a_second_run_writes_the_same(root):
    main("write", root)
    readme = (root / "README.md").read_text()
    assert readme.startswith(f"before\n{FIRST}\n| network")
    assert "| mlp " in readme
    assert "old" not in readme
    assert "of the processor's" in (root / "reports/benchmarks/README.md").read_text()
    assert "12,345 parameters" in (root / "reports/mlp/card.md").read_text()
    before = contents(root)
    main("write", root)
    assert contents(root) == before


def test_the_results_page_has_every_figure_known_ones_first(root):
    main("write", root)
    text = (root / "reports/README.md").read_text()
    indices = [
        text.index(f"](mlp/figures/{name}.png)") for name in ("curves", "confusion", "zebra")
    ]
    assert indices == sorted(indices)


def test_the_page_of_benchmarks_has_each_file_with_its_machine(root):
    main("write", root)
    text = (root / "reports/benchmarks/README.md").read_text()
    names = [path.stem for path in (root / "reports/benchmarks").glob("*.json")]
    assert all(f"## `benchmarks/{name}.py`" in text for name in names)
    networks = read_json(root / "reports/benchmarks/seeds.json")["networks"]
    assert text.count("Measured on: cpu ") == len(names) - 1 + len(networks)


def test_class_names_and_figure_names_are_shown_as_they_are(root):
    names = ["007", "1e5", "36.5", "a|b", "<b>", "`", "*x*", "NA"]
    rows = "".join(f'"{name}",0.5,0.625,0.7\n' for name in names)
    (root / "reports/mlp/per_class.csv").write_text(f"class,precision,recall,f1\n{rows}")
    (root / "reports/mlp/figures/a (b)|c.png").touch()
    main("write", root)
    for page in ("reports/README.md", "reports/mlp/card.md"):
        text = (root / page).read_text().split("---\n\n")[-1]  # without the metadata
        inline = [token for token in PARSER.parse(text) if token.type == "inline"]
        cells = ["".join(part.content for part in token.children) for token in inline]
        start = cells.index(names[0])
        assert cells[start : start + 4 * len(names) : 4] == names, page
        assert cells[start + 1 : start + 4] == ["0.500", "0.625", "0.700"]
    assert "](mlp/figures/a%20%28b%29%7Cc.png)" in (root / "reports/README.md").read_text()


def test_names_of_data_and_networks_are_shown_as_they_are(root, small_document):
    data = small_document["data"] | {"name": "1. <i>|A_B_", "license": "*MIT*"}
    data["homepage"] = "https://a.org/b_(c)"
    models = {"1e5": small_document["models"]["mlp"], "cnn": small_document["models"]["cnn"]}
    write_yaml(root / "params.yaml", small_document | {"data": data, "models": models})
    (root / "reports/mlp").rename(root / "reports/1e5")
    main("write", root)
    readme, results, model_card = (
        (root / page).read_text()
        for page in ("README.md", "reports/README.md", "reports/1e5/card.md")
    )
    assert "| 1e5 " in readme
    assert "| 1e5 " in results
    for text in (readme, results, model_card):
        assert "1. &lt;i&gt;|A_B_" in PARSER.render(text)
    assert 'href="https://a.org/b_%28c%29"' in PARSER.render(results)
    assert "licence: *MIT*). 50 of" in PARSER.render(model_card)


def test_networks_evaluated_on_different_test_images_are_refused(root, small_document):
    def write_predictions(network, actual):
        rows = "".join(f"{name},{name},0.9\n" for name in actual)
        text = f"actual,predicted,confidence\n{rows}"
        (root / f"reports/{network}/predictions.csv").write_text(text)

    champions = {"best": small_document["models"]["mlp"]}
    write_yaml(root / "params.yaml", small_document | {"champions": champions})
    shutil.copytree(root / "reports/mlp", root / "reports/best")
    for network in ("mlp", "best"):
        write_predictions(network, ["Bag", "Coat"])
    main("write", root)
    assert "McNemar's exact test" in (root / "reports/README.md").read_text()
    write_predictions("best", ["Bag", "Shirt"])
    before = contents(root)
    with pytest.raises(ReportError, match="best and mlp were evaluated on different test images"):
        main("write", root)
    assert contents(root) == before


def test_only_results_on_fashion_mnist_have_its_figures(root, small_document):
    page, figure = root / "reports/README.md", "accuracy_vs_flops/accuracy.png"
    main("write", root)
    assert figure not in page.read_text()
    first, *rest = small_document["download"]["files"]
    download = small_document["download"] | {
        "files": [first | {"sha256": card.FASHION_MNIST}, *rest]
    }
    write_yaml(root / "params.yaml", small_document | {"download": download})
    main("write", root)
    assert figure in page.read_text()


def test_statistics_of_other_settings_are_not_shown(tmp_path, small_params):
    runs = [
        {"seed": seed, "accuracy": 0.9 + seed / 100, "loss": 0.3}
        | ({"training_seconds": 600.5} if seed else {})
        for seed in range(3)
    ]
    origin = {"settings": settings(small_params, "mlp"), "machine": {"instructions": "avx2"}}
    known = origin | summarize(runs, 2)
    untimed = origin | summarize(runs[:1], 2)
    for networks, cells in (
        ({"mlp": known}, ["91.00% ± 1.00 (n = 3)", "600 s (AVX2)"]),
        ({"mlp": untimed}, ["90.00% (n = 1)", "-"]),
        ({}, ["-", "-"]),
        ({"mlp": known | {"settings": {}}}, ["-", "-"]),
    ):
        write_json(tmp_path / REPORT, {"networks": networks})
        (row,) = rows_of(report.results_table({"mlp": SCORES}, small_params, tmp_path))
        assert row == ["mlp", "90.00%", "88.00%", *cells, "12,345"]


def test_serving_is_compared_with_keras_at_the_highest_number_of_threads():
    runs = [
        {"runtime": runtime, "threads": threads, "first_prediction_s": 4.5, "p95_ms": 0.5}
        | {"images_per_second": 2400, "latency_ms": latency * threads}
        for threads in (1, 2)
        for runtime, latency in (("Keras `predict`", 30.0), ("ONNX Runtime", 0.2), ("LiteRT", 1))
    ]
    serving = {"one_image": {"median": 0.31}, "runs": runs}
    process, speed = rows_of(report.benchmarks_table({"serving": serving}))
    assert process[1:] == ["0.31 s", "first prediction: Keras `predict` 4.5 s"]
    assert speed[1:] == ["0.4 ms, 2,400 images/s", "Keras `predict` 60 ms, 2,400 images/s"]
