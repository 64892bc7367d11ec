"""`make report` writes tables from the files of `reports/`, between the marks of the README."""

import shutil

import pytest

from benchmarks.seeds import REPORT, settings, summarize
from fashion.io.files import write_json
from tests.conftest import ROOT, files, write_yaml
from tests.tools.conftest import SCORES, rename_report
from tests.tools.test_markdown import PARSER
from tools import report
from tools.report import BEGIN, END, ReportError, main

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


def test_every_page_is_written_and_a_second_run_writes_the_same(root):
    main("write", root)
    readme = (root / "README.md").read_text()
    assert readme.startswith(f"before\n{FIRST}\n| network")
    assert "| mlp " in readme
    assert "old" not in readme
    assert "12,345 parameters" in (root / "reports/mlp/card.md").read_text()
    before = contents(root)
    main("write", root)
    assert contents(root) == before


@pytest.mark.usefixtures("fashion_mnist")
def test_committed_benchmarks_are_summarized(root):
    main("write", root)
    assert "of matrix products" in (root / "reports/benchmarks/README.md").read_text()


def test_names_are_shown_as_they_are(root, small_document):
    data = small_document["data"] | {"name": "1. <i>|A_B_"}
    models = {"1e5": small_document["models"]["mlp"], "cnn": small_document["models"]["cnn"]}
    write_yaml(root / "params.yaml", small_document | {"data": data, "models": models})
    names = ["007", "1e5", "36.5", "a|b", "<b>", "`", "*x*", "NA"]
    rows = "".join(f'"{name}",0.5,0.625,0.7\n' for name in names)
    rename_report(root, "1e5")
    (root / "reports/1e5/per_class.csv").write_text(f"class,precision,recall,f1\n{rows}")
    (root / "reports/1e5/figures/a (b)|c.png").touch()
    main("write", root)
    for page in ("reports/README.md", "reports/1e5/card.md"):
        text = (root / page).read_text().split("---\n\n")[-1]  # without the metadata
        assert "1. &lt;i&gt;|A_B_" in PARSER.render(text)
        inline = [token for token in PARSER.parse(text) if token.type == "inline"]
        cells = ["".join(part.content for part in token.children) for token in inline]
        start = cells.index(names[0])
        assert cells[start : start + 4 * len(names) : 4] == names, page
    assert "| 1e5 " in (root / "README.md").read_text()
    assert "](1e5/figures/a%20%28b%29%7Cc.png)" in (root / "reports/README.md").read_text()


def test_a_network_that_learned_little_is_marked_and_named(root, capsys):
    rows = ["circle,circle"] * 3 + ["square,circle", "star,circle"]
    predictions = "\n".join(["actual,predicted,confidence", *(f"{row},0.9" for row in rows)])
    (root / "reports/mlp/predictions.csv").write_text(predictions)
    scores = SCORES | {"accuracy": 0.6, "balanced_accuracy": 1 / 3}
    write_json(root / "reports/mlp/metrics.json", {"mlp": scores})
    main("write", root)
    sentence = (
        "mlp: no better than always answering 'circle' (60.0 %), never answers 'square', 'star'"
    )
    assert sentence in capsys.readouterr().out
    readme, results, card = (
        (root / page).read_text()
        for page in ("README.md", "reports/README.md", "reports/mlp/card.md")
    )
    assert "| mlp (\\*) " in readme
    assert f"\n\n\\* {sentence}" in readme
    assert sentence in results
    assert "33.33%" in results
    assert "33.33%" in card


def test_networks_evaluated_on_different_test_images_are_refused(root, small_document):
    champions = {"best": small_document["models"]["mlp"]}
    write_yaml(root / "params.yaml", small_document | {"champions": champions})
    shutil.copytree(root / "reports/mlp", root / "reports/best")
    write_json(root / "reports/best/metrics.json", {"best": SCORES})
    for network, name in (("mlp", "Coat"), ("best", "Shirt")):
        text = f"actual,predicted,confidence\n{name},{name},0.9\n"
        (root / f"reports/{network}/predictions.csv").write_text(text)
    before = contents(root)
    with pytest.raises(ReportError, match="best and mlp were evaluated on different test images"):
        main("write", root)
    assert contents(root) == before


def test_statistics_of_other_settings_are_not_shown(tmp_path, small_params):
    runs = [{"seed": seed, "accuracy": 0.9 + seed / 100, "loss": 0.3} for seed in range(3)]
    origin = {"settings": settings(small_params, "mlp"), "machine": {"instructions": "avx2"}}
    known = origin | summarize(runs, 2)
    for networks, is_shown in (
        ({"mlp": known}, True),
        ({}, False),
        ({"mlp": known | {"settings": {}}}, False),
    ):
        write_json(tmp_path / REPORT, {"networks": networks})
        table = report.results_table({"mlp": SCORES}, small_params, tmp_path, {})
        assert ("| 91.00% ± 1.00 (n = 3)" in table) == ("over seeds" in table) == is_shown
