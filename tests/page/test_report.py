"""The page "Results": the committed reports, to explore."""

import json
from urllib.parse import parse_qs, urlencode, urlsplit

import pandas as pd
import pytest

from tests.page.conftest import NAMES, change_data, hidden_width, percent

pytestmark = pytest.mark.slow

SECTIONS = ["networks", "curves", "confusion", "images", "classes", "reliability", "ood"]


def expect(locator):
    from playwright.sync_api import expect

    return expect(locator)


class Report:
    """The reports of the project; `best` and `worst` are networks by accuracy."""

    def __init__(self, root):
        self.folder = root / "reports"
        names = [path.parent.name for path in self.folder.glob("*/metrics.json")]
        self.names = sorted(names, key=lambda name: -self.metrics(name)["accuracy"])
        self.best, self.worst = self.names[0], self.names[-1]

    def metrics(self, network):
        return json.loads((self.folder / network / "metrics.json").read_text("utf-8"))[network]

    def table(self, name, network=None):
        return pd.read_csv(self.folder / (network or self.worst) / f"{name}.csv")

    def predictions(self):
        table = self.table("predictions")
        right = table.actual == table.predicted
        return table.assign(confidence=table.confidence.round(4), right=right)


@pytest.fixture(scope="module")
def report(page_root):
    return Report(page_root)


@pytest.fixture
def results(open_page, report):
    """Open the page, by default at the worst network, which makes mistakes."""

    def open_(hash_="", *, width=1280, scheme="light", **view):
        query = urlencode({"network": report.worst} | view)
        page = open_page(f"report.html?{query}{hash_}", width=width, scheme=scheme)
        page.locator("#images").wait_for()
        page.locator("#curves").wait_for()
        return page

    return open_


def cells(locator):
    return [" ".join(text.split()) for text in locator.all_inner_texts()]


def plain(fraction, digits=1):
    return percent(fraction, digits).replace("\N{NO-BREAK SPACE}", " ")


def captions(page):
    """Actual class, predicted class, and confidence with index, of the images shown."""
    lines = "[...item.children].slice(1).map(line => line.textContent.replaceAll('\u00a0', ' '))"
    return page.locator(".gallery li").evaluate_all(f"items => items.map(item => {lines})")


def status(page):
    return page.locator("#images [role=status]")


def radio(page, group, label):
    return page.get_by_role("group", name=group).get_by_label(label)


def query_of(page):
    query = parse_qs(urlsplit(page.url).query)
    return {key: value for key, [value] in query.items() if key != "network"}


def cell(page, actual, predicted):
    return page.locator(".matrix tbody tr").nth(actual).locator("button").nth(predicted)


def test_networks_are_compared_and_the_best_value_is_marked(results, report):
    page = results()
    titles = cells(page.locator(".networks thead th"))
    fewest = min(report.metrics(name)["parameters"] for name in report.names)
    for row, name in enumerate(report.names):
        texts = cells(page.locator(".networks tbody tr").nth(row).locator("th, td"))
        shown = dict(zip(titles, texts, strict=True))
        scores = report.metrics(name)
        assert shown["Network"].startswith(name)
        assert shown["Accuracy"].endswith(plain(scores["accuracy"], 2))
        assert shown["Without TTA"].endswith(plain(scores["accuracy_without_tta"], 2))
        assert shown["Loss"].endswith(f"{scores['loss']:.4f}")
        assert shown["Parameters"].endswith(f"{scores['parameters']:,}")
        assert ("(best)" in shown["Parameters"]) == (scores["parameters"] == fewest)


def test_the_matrix_counts_the_predictions(results, report):
    page = results()
    predictions = report.predictions()
    classes = cells(page.locator(".matrix tbody th"))
    counts = pd.crosstab(predictions.actual, predictions.predicted)
    counts = counts.reindex(index=classes, columns=classes, fill_value=0)
    for actual, row in enumerate(counts.to_numpy().tolist()):
        shown = cells(page.locator(".matrix tbody tr").nth(actual).locator("button"))
        assert shown == [str(count or "") for count in row]


def test_keys_move_in_the_matrix_and_enter_shows_the_images(results, report):
    page = results()
    predictions = report.predictions()
    name = cells(page.locator(".matrix tbody th"))[0]
    radio(page, "Network", report.worst).focus()
    for key in ["Tab", "ArrowDown", "ArrowDown", "ArrowRight", "Home", "ArrowLeft", "ArrowUp"]:
        page.keyboard.press(key)
    expect(cell(page, 1, 0)).to_be_focused()
    assert page.locator(".matrix button[tabindex='0']").count() == 1
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    right = predictions[predictions.actual == name].right.sum()
    expect(status(page)).to_be_focused()
    expect(status(page)).to_have_text(f"{right} of {len(predictions)} images")
    assert query_of(page) == {"show": "all", "actual": name, "predicted": name}


def test_a_link_restores_the_filters(results, report):
    page = results()
    predictions = report.predictions()
    name = predictions.actual.mode()[0]
    radio(page, "Predictions", "All").check()
    page.get_by_label("Actual class").select_option(name)
    page.get_by_label("Order").select_option("As in the dataset")
    found = predictions[predictions.actual == name]
    expect(status(page)).to_have_text(f"{len(found)} of {len(predictions)} images")
    assert [int(caption[2].split("#")[1]) for caption in captions(page)] == list(found.index)
    assert query_of(page) == {"show": "all", "actual": name, "order": "data"}
    another = results(**query_of(page))
    assert captions(another) == captions(page)
    expect(radio(another, "Predictions", "All")).to_be_checked()


def test_headings_sort_the_classes(results, report):
    page = results()
    scores = report.table("per_class")
    heading = page.get_by_role("columnheader", name="Precision")
    for direction in ("ascending", "descending"):
        heading.get_by_role("button").press("Enter")
        expected = sorted(scores.precision, reverse=direction == "descending")
        shown = cells(page.locator(".classes tbody td:nth-child(2)"))
        assert shown == [f"{value:.3f}" for value in expected]
        assert heading.get_attribute("aria-sort") == direction


def test_reliability_and_ood_detection_are_shown(results, report):
    page = results()
    bins = report.table("reliability").query("count > 0")
    section = page.locator("#reliability")
    expect(section).to_contain_text(f"(ECE): {report.metrics(report.worst)['ece']:.4f}")
    section.get_by_text("as a table").click()
    assert cells(section.locator("tbody tr > :nth-child(2)")) == [plain(n) for n in bins.accuracy]
    assert cells(section.locator("tbody tr > :nth-child(3)")) == [f"{n:,}" for n in bins["count"]]
    table, section = report.table("ood"), page.locator("#ood")
    assert cells(section.locator("tbody th")) == list(table.dataset)
    column = cells(section.locator("thead th")).index("k-NN AUROC") + 1
    shown = cells(section.locator(f"tbody tr > :nth-child({column})"))
    assert shown == [f"{value:.3f}" for value in table.knn_auroc]


def test_another_network_changes_all_sections_and_the_address(results, report):
    page = results(network=report.best)
    radio(page, "Network", report.worst).check()
    assert urlsplit(page.url).query == f"network={report.worst}"
    mistakes = (~report.predictions().right).sum()
    for _ in range(2):
        expect(status(page)).to_contain_text(f"{mistakes} of ")
        expect(radio(page, "Network", report.worst)).to_be_checked()
        ece = f"{report.metrics(report.worst)['ece']:.4f}"
        expect(page.locator("#reliability")).to_contain_text(ece)
        page.reload()


@pytest.mark.parametrize("missing", ["history", "per_class", "reliability", "ood", "predictions"])
def test_sections_without_content_are_hidden(results, report, missing):
    page = results()
    for name in report.names:
        change_data(page, name, lambda content: content.pop(missing) and None)
    hidden = {
        "history": {"curves"},
        "per_class": {"classes"},
        "predictions": {"confusion", "images"},
    }.get(missing, {missing})
    for section in SECTIONS:
        for element in (f"#{section}", f"#contents [href='#{section}']"):
            expect(page.locator(element)).to_be_visible(visible=section not in hidden)


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_is_accessible_and_does_not_scroll_sideways(results, axe, width, scheme):
    page = results(width=width, scheme=scheme)
    for summary in page.locator("summary").all():
        summary.click()
    assert axe(page) == []
    assert hidden_width(page) == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_two_hundred_classes_with_any_name_can_be_explored(open_page, report, axe, width):
    names = NAMES + [f"class {number}" for number in range(200 - len(NAMES))]
    actual = [image % 200 for image in range(600)]
    predicted = [(label + (image % 3 == 0)) % 200 for image, label in enumerate(actual)]
    predictions = {"actual": actual, "predicted": predicted, "confidence": [0.5] * 600}

    def enlarge(site):
        site["dataset"]["classes"] = names
        site["sprites"]["per_file"] = 600

    page = open_page("report.html", width=width)
    change_data(page, "site", enlarge)
    change_data(page, report.best, lambda content: content | {"predictions": predictions})
    expect(page.locator(".pairs button")).to_have_count(30)
    page.get_by_role("button", name="Show more").press("Enter")
    shown = 120 if width > 390 else 48
    expect(status(page)).to_have_text(f"200 of 600 images, {shown} shown")
    for name in NAMES:
        page.get_by_label("Actual class").select_option(name)
        expect(status(page)).to_have_text("1 of 600 images")
    assert page.locator("main b").count() == 0
    assert hidden_width(page) == 0
    assert axe(page) == []


def experiment(number, **content):
    """Row `number` of a table of experiments, better than those before it."""
    values = [0.5, 0.6, 0.7 + number / 1000]
    return {
        "name": f"try-{number}",
        "base": "main",
        "date": "2026-11-30",
        "scores": {
            "val_accuracy_without_tta": values[-1],
            "accuracy": 0.8,
            "loss": 1 / (number + 1),
        },
        "parameters": [[16, number], None if number % 2 else number],
        "curves": {"epoch": [1, 2, 3], "val_accuracy": values, "val_loss": [0.9, 0.8, 0.7]},
    } | content


@pytest.fixture
def experiments(results):
    """Open the page with 200 experiments of the `mlp` and two of the `cnn`."""
    rows = [experiment(0, name="main", base=None), *map(experiment, range(1, 200))]
    rows[5]["name"] = NAMES[0].replace(" ", "")
    tables = [("mlp", rows), ("cnn", rows[:2])]
    content = [
        {"network": network, "parameters": ["network.filters", "fit.decay"], "rows": rows}
        for network, rows in tables
    ]

    def open_(**options):
        page = results(**options)
        expect(page.locator("#experiments")).to_be_hidden()  # the small project has none
        change_data(page, "experiments", lambda _: content)
        page.locator(".experiments").wait_for()
        return page

    return open_


def experiment_names(page):
    return cells(page.locator(".experiments tbody .name"))


def test_a_link_restores_the_experiments_in_one_chart(experiments):
    page = experiments()
    section = page.locator("#experiments")
    for name in ("main", "try-7"):
        section.get_by_label(name, exact=True).check()
    assert query_of(page) == {"experiments": "main try-7", "experiments_with": "mlp"}
    for opened in (page, experiments(**query_of(page))):
        section = opened.locator("#experiments")
        expect(section.get_by_role("status")).to_have_text("2 of 200 selected")
        assert section.locator(".plot .line").count() == 2
        assert cells(section.locator(".readout li")) == ["main 70.00 %", "try-7 70.70 %"]
    section.get_by_label("Loss").check()
    assert cells(section.locator(".readout li")) == ["main 0.7000", "try-7 0.7000"]
    section.get_by_role("button", name="Clear").click()
    expect(section.get_by_label("try-7", exact=True)).not_to_be_checked()
    expect(section.locator(".plot")).to_have_count(0)


def test_ten_experiments_can_be_selected(experiments):
    page = experiments(experiments=" ".join(f"try-{number}" for number in range(10, 22)))
    expect(page.locator("#experiments [role=status]")).to_have_text("10 of 200 selected")
    page.locator("#experiments").get_by_label("try-10", exact=True).uncheck()
    page.locator("#experiments").get_by_label("try-30", exact=True).check()
    expect(page.locator("#experiments").get_by_label("try-40", exact=True)).to_be_disabled()


def test_headings_sort_the_experiments_with_missing_values_last(experiments):
    page = experiments()
    assert experiment_names(page)[:2] == ["try-199", "try-198"]
    heading = page.get_by_role("columnheader", name="fit.decay").get_by_role("button")
    for expected in (["main", "try-2", "try-4"], ["try-198", "try-196", "try-194"]):
        heading.click()
        assert experiment_names(page)[:3] == expected
        assert cells(page.locator(".experiments tbody tr:last-child td:nth-child(6)")) == [
            "\N{EN DASH}"
        ]


def test_another_network_has_its_own_experiments(experiments):
    page = experiments(experiments="try-9")
    radio(page, "Experiments with", "cnn").check()
    assert experiment_names(page) == ["try-1", "main"]
    expect(page.locator("#experiments [role=status]")).to_have_text("0 of 2 selected")
    assert query_of(page) == {"experiments_with": "cnn"}


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_experiments_are_accessible_and_do_not_scroll_the_page(experiments, axe, width, scheme):
    page = experiments(width=width, scheme=scheme, experiments="main try-3")
    page.locator("#experiments summary").click()
    assert axe(page) == []
    assert hidden_width(page) == 0
    assert page.locator("main b").count() == 0
