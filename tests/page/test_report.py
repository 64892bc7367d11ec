"""The page "Results": the committed report as it is, and as something to explore."""

import json
import re
from decimal import ROUND_HALF_UP, Decimal
from urllib.parse import parse_qs, urlencode, urlsplit

import pandas as pd
import pytest

pytestmark = pytest.mark.slow

PARTS = ["networks", "curves", "confusion", "images", "classes", "reliability", "unfamiliar"]
ODD_NAMES = [
    "<b>bold</b>",
    '"quoted", it\'s & more',
    "中文名称",
    "a name of a class that has, with all of its words, 60 letters",
    "7",
    "__proto__",
]


def expect(locator):
    from playwright.sync_api import expect

    return expect(locator)


class Report:
    """What the project has committed of its networks, the most accurate first."""

    def __init__(self, root):
        self.root = root
        names = [path.parent.name for path in root.glob("reports/*/metrics.json")]
        self.names = sorted(names, key=lambda name: -self.metrics(name)["accuracy"])
        self.best, self.worst = self.names[0], self.names[-1]

    def metrics(self, network):
        return json.loads((self.root / "reports" / network / "metrics.json").read_text("utf-8"))

    def table(self, name, network=None):
        return pd.read_csv(self.root / "reports" / (network or self.worst) / f"{name}.csv")

    def predictions(self, network=None):
        """With the confidences that the page has, and whether they are right."""
        table = self.table("predictions", network)
        right = table.actual == table.predicted
        return table.assign(confidence=table.confidence.round(4), right=right)


@pytest.fixture(scope="module")
def report(page_root):
    return Report(page_root)


@pytest.fixture
def results(open_page, report):
    """The page, open and filled; of the worst network, which makes mistakes, unless told."""

    def open_(part="", *, width=1280, scheme="light", **view):
        query = urlencode({"network": report.worst} | view)
        page = open_page(f"report.html?{query}{part}", width=width, scheme=scheme)
        page.locator("#images").wait_for()
        page.locator("#curves").wait_for()
        return page

    return open_


def replace(page, path, change):
    """Have `page` read a file of data as `change` makes it, when it is loaded anew."""

    def prediction(route):
        content = route.fetch().json()
        route.fulfill(json=change(content) or content)

    page.route(f"**/data/{path}.json", prediction)


def percent(fraction, digits=1):
    """As the page has it: halves are rounded up."""
    step = Decimal(1).scaleb(-digits)
    return f"{Decimal(100 * float(fraction)).quantize(step, ROUND_HALF_UP)} %"


def cells(locator):
    return [" ".join(text.split()) for text in locator.all_inner_texts()]


def captions(page):
    """Actual class, predicted class, and confidence with number, of the images shown."""
    lines = "[...item.children].slice(1).map(line => line.textContent.replaceAll('\u00a0', ' '))"
    return page.locator(".gallery li").evaluate_all(f"items => items.map(item => {lines})")


def status(page):
    return page.locator("#images [role=status]")


def query_of(page):
    """What the address asks for, beside the network."""
    query = parse_qs(urlsplit(page.url).query)
    return {key: value for key, [value] in query.items() if key != "network"}


def button(page, actual, predicted):
    return page.locator(".matrix tbody tr").nth(actual).locator("button").nth(predicted)


# Networks


def test_the_comparison_has_the_committed_scores_of_each_network(results, report):
    page = results()
    heads = cells(page.locator(".networks thead th"))
    for row, name in enumerate(report.names):
        texts = cells(page.locator(".networks tbody tr").nth(row).locator("th, td"))
        shown = {
            head: text.replace("★", "").replace("(best)", "").strip()
            for head, text in zip(heads, texts, strict=True)
        }
        scores = report.metrics(name)
        assert shown.pop("Network").startswith(name)
        assert shown["Accuracy"] == percent(scores["accuracy"], 2)
        assert shown["Without TTA"] == percent(scores["accuracy_without_tta"], 2)
        assert shown["Loss"] == f"{scores['loss']:.4f}"
        assert shown["Macro F1"] == f"{scores['macro_f1']:.4f}"
        assert shown["ECE"] == f"{scores['ece']:.4f}"
        assert shown["Parameters"] == f"{scores['parameters']:,}"


def test_the_best_value_is_named_for_who_sees_no_colour(results, report):
    page = results()
    column = cells(page.locator(".networks thead th")).index("Parameters")
    parameters = [report.metrics(name)["parameters"] for name in report.names]
    texts = cells(page.locator(f".networks tbody tr > :nth-child({column + 1})"))
    assert ["(best)" in text for text in texts] == [n == min(parameters) for n in parameters]


def test_seeds_are_shown_where_there_are_some(results):
    page = results()
    assert "Seeds" not in cells(page.locator(".networks thead th"))

    def add(site):
        site["networks"][0]["seeds"] = {"n": 5, "mean": 0.9, "sd": 0.0123}
        site["networks"][1]["seeds"] = {"n": 1, "mean": 0.8, "sd": 0.0}

    replace(page, "site", add)
    page.reload()
    expect(page.locator(".networks")).to_contain_text("90.00 %")
    expect(page.locator(".networks")).to_contain_text("± 1.23 % (n 5)")
    expect(page.locator(".networks")).to_contain_text("80.00 %(n 1)")


# Curves


def read_out(page):
    """Values by line, as the legend of the curves tells them."""
    entries = [text.split() for text in page.locator("#curves .read-out li").all_inner_texts()]
    return {" ".join(words[:2]): " ".join(words[2:]) for words in entries}


def test_arrow_keys_move_along_the_epochs(results, report):
    page = results()
    history = report.table("history")
    page.get_by_role("slider", name="accuracy by epoch").press("Home")
    for row in history.index:
        expect(page.locator("#curves .read-out p")).to_have_text(f"Epoch {history.epoch[row]}")
        told = read_out(page)
        assert told[f"{report.worst}, validation"] == percent(history.val_accuracy[row], 2)
        assert told[f"{report.worst}, training"] == percent(history.accuracy[row], 2)
        page.keyboard.press("ArrowRight")
    slider = page.get_by_role("slider", name="accuracy by epoch")
    last = max(report.table("history", name).epoch.max() for name in report.names)
    assert slider.get_attribute("aria-valuetext") == f"epoch {last}"
    assert page.locator("#curves .read-out").get_attribute("aria-live") == "polite"


def test_the_pointer_moves_along_the_epochs(results):
    page = results()
    plot = page.locator("#curves .plot")
    plot.scroll_into_view_if_needed()
    plot.hover(position={"x": 60, "y": 100})
    expect(page.locator("#curves .read-out p")).to_have_text("Epoch 1")


def test_curves_of_the_loss_are_a_choice_that_a_link_keeps(results, report):
    page = results()
    page.get_by_label("Loss", exact=True).check()
    assert query_of(page) == {"curve": "loss"}
    page.reload()
    page.get_by_text("Loss by epoch, as a table").click()
    history = report.table("history", report.best)
    row = cells(page.locator("#curves tbody tr").first.locator("td"))
    assert row[:2] == [f"{history.val_loss[0]:.4f}", f"{history.loss[0]:.4f}"]
    epochs = max(len(report.table("history", name)) for name in report.names)
    assert page.locator("#curves tbody tr").count() == epochs


# Confusion


def test_the_matrix_counts_the_committed_predictions(results, report):
    page = results()
    predictions = report.predictions()
    classes = cells(page.locator(".matrix tbody th"))
    assert cells(page.locator(".matrix thead th")) == classes
    for actual, row in enumerate(classes):
        counts = [
            ((predictions.actual == row) & (predictions.predicted == column)).sum()
            for column in classes
        ]
        shown = cells(page.locator(".matrix tbody tr").nth(actual).locator("button"))
        assert shown == [str(count or "") for count in counts]


def test_a_cell_of_the_matrix_is_found_and_opened_by_keyboard(results, report):
    page = results()
    predictions = report.predictions()
    classes = cells(page.locator(".matrix tbody th"))
    page.get_by_role("group", name="Network").get_by_label(report.worst).focus()
    page.keyboard.press("Tab")
    for key in ["ArrowDown", "ArrowDown", "ArrowRight", "Home", "ArrowLeft", "ArrowUp"]:
        page.keyboard.press(key)
    expect(button(page, 1, 0)).to_be_focused()
    for _ in classes:
        page.keyboard.press("ArrowUp")
    page.keyboard.press("End")
    expect(button(page, 0, len(classes) - 1)).to_be_focused()
    page.keyboard.press("Home")
    right = ((predictions.actual == classes[0]) & (predictions.predicted == classes[0])).sum()
    total = (predictions.actual == classes[0]).sum()
    told = f"{right} of {total} ({percent(right / total)}): {classes[0]}, predicted as {classes[0]}"
    expect(page.locator(".matrix-read-out")).to_have_text(told)
    page.keyboard.press("Enter")
    expect(status(page)).to_be_focused()
    expect(status(page)).to_have_text(f"{right} of {len(predictions)} images")
    assert page.get_by_label("Actual class").input_value() == classes[0]
    assert page.get_by_label("Predicted class").input_value() == classes[0]


def test_one_cell_of_the_matrix_can_be_reached_by_tab(results):
    page = results()
    assert page.locator(".matrix button[tabindex='0']").count() == 1
    button(page, 1, 1).focus()
    assert page.locator(".matrix button[tabindex='0']").count() == 1
    expect(button(page, 1, 1)).to_have_attribute("tabindex", "0")


def test_the_most_confused_pair_leads_to_its_images_and_back(results, report):
    page = results()
    predictions = report.predictions()
    wrong = predictions[~predictions.right]
    most = wrong.groupby(["actual", "predicted"]).size().max()
    first = page.locator(".pairs button").first
    assert re.search(rf"\b{most} \(", first.inner_text())
    first.click()
    expect(page.locator(".gallery li").first).to_be_in_viewport()
    expect(status(page)).to_have_text(f"{most} of {len(predictions)} images")
    page.go_back()
    expect(status(page)).to_contain_text(f"{len(wrong)} of {len(predictions)} images")
    assert query_of(page) == {}


# Images


def test_the_first_image_is_the_most_confident_mistake(results, report):
    page = results()
    predictions = report.predictions()
    wrong = predictions[~predictions.right]
    number = wrong.confidence.idxmax()
    first = wrong.loc[number]
    caption = captions(page)[0]
    assert caption[0].endswith(first.actual)
    assert caption[1].endswith(first.predicted)
    assert caption[2] == f"{percent(first.confidence)} · #{number}"
    expect(status(page)).to_contain_text(f"{len(wrong)} of {len(predictions)} images")


def test_filters_leave_the_images_that_they_say_in_a_link_that_restores_them(results, report):
    page = results()
    predictions = report.predictions()
    middle = round(100 * predictions.confidence.median(), 2)
    name = predictions.actual.mode()[0]
    page.get_by_role("group", name="Outputs").get_by_label("All").check()
    page.get_by_label("Actual class").select_option(name)
    page.get_by_label("Order").select_option("As in the data")
    page.get_by_label("from").fill(str(middle))
    page.get_by_label("from").press("Enter")
    found = predictions[(predictions.actual == name) & (predictions.confidence >= middle / 100)]
    told = f"{len(found)} of {len(predictions)} images"
    expect(status(page)).to_have_text(told)
    numbers = [caption[2].split("#")[1] for caption in captions(page)]
    assert numbers == [str(number) for number in found.index]
    wanted = {"show": "all", "actual": name, "order": "data", "from": str(middle)}
    assert query_of(page) == wanted

    another = results(**query_of(page))
    expect(status(another)).to_have_text(told)
    assert captions(another) == captions(page)
    assert another.get_by_label("Actual class").input_value() == name
    assert another.get_by_label("from").input_value() == str(middle)
    expect(another.get_by_role("group", name="Outputs").get_by_label("All")).to_be_checked()


def test_presets_order_the_images_and_drop_other_filters(results, report):
    page = results(actual="circle", to=99, show="right")
    confidence = report.predictions().confidence
    page.get_by_role("button", name="Least confident", exact=True).click()
    assert captions(page)[0][2].startswith(percent(confidence.min()))
    page.get_by_role("button", name="All", exact=True).click()
    assert captions(page)[0][2].endswith("#0")
    expect(status(page)).to_contain_text(f"{len(confidence)} of {len(confidence)} images")
    page.get_by_role("button", name="Most confident mistakes").click()
    assert query_of(page) == {}


def test_a_link_that_asks_for_what_is_not_there_shows_the_first_view(results, report):
    page = results(
        network="none", actual="none", to="few", order="best", show="some", **{"from": "many"}
    )
    expect(page.get_by_role("group", name="Network").get_by_label(report.best)).to_be_checked()
    assert page.get_by_label("Actual class").input_value() == ""
    assert captions(page) == captions(results(network=report.best))


def test_a_range_without_images_says_so(results, report):
    page = results(**{"from": 2}, to=1)
    images = len(report.table("predictions"))
    expect(status(page)).to_have_text(f"0 of {images} images: no confidence is from 2 to 1 %")


def test_a_confidence_out_of_range_becomes_the_nearest_one_in_it(results):
    page = results()
    for label, text, nearest in [("from", "150", "100"), ("to", "-5", "0")]:
        page.get_by_label(label, exact=True).fill(text)
        page.get_by_label(label, exact=True).press("Enter")
        expect(page.get_by_label(label, exact=True)).to_have_value(nearest)
        assert query_of(page)[label] == nearest


def test_a_range_holds_its_ends_whatever_their_decimals(results, report):
    page = results(show="all", **{"from": 0.07}, to=0.35)
    images = len(report.table("predictions"))

    def change(content):
        content["predictions"]["confidence"] = [(0.0007, 0.0035)[n % 2] for n in range(images)]

    replace(page, report.worst, change)
    page.reload()
    expect(status(page)).to_contain_text(f"{images} of {images} images")


# Computation


def test_accuracy_against_computation_is_a_figure_where_there_is_one(results):
    page = results()
    expect(page.locator("#computation")).to_be_hidden()
    figure = "images/test-000.png"  # any image of the site
    replace(page, "site", lambda site: site | {"accuracy_figure": figure})
    page.reload()
    shown = page.locator("#computation img")
    expect(shown).to_be_visible()
    assert shown.evaluate("image => image.decode().then(() => image.naturalWidth)") > 0
    assert "computation" in shown.get_attribute("alt")


# Classes, reliability, images unlike those of the training


def test_scores_of_classes_are_sorted_by_their_heads(results, report):
    page = results()
    scores = report.table("per_class")

    def shown(column):
        return cells(page.locator(f".classes tbody tr > :nth-child({column})"))

    assert shown(4) == [f"{value:.3f}" for value in sorted(scores.f1)]
    head = page.get_by_role("columnheader", name="Precision")
    head.get_by_role("button").press("Enter")
    assert shown(2) == [f"{value:.3f}" for value in sorted(scores.precision)]
    assert head.get_attribute("aria-sort") == "ascending"
    head.get_by_role("button").press("Enter")
    assert shown(2) == [f"{value:.3f}" for value in sorted(scores.precision, reverse=True)]
    assert head.get_attribute("aria-sort") == "descending"
    page.get_by_role("columnheader", name="Class").get_by_role("button").click()
    assert shown(1) == list(scores["class"])


def test_reliability_has_the_committed_bins_and_calibration_error(results, report):
    page = results()
    bins = report.table("reliability").query("count > 0")
    part = page.locator("#reliability")
    expect(part).to_contain_text(f"(ECE): {report.metrics(report.worst)['ece']:.4f}")
    part.get_by_text("as a table").click()
    assert cells(part.locator("tbody tr > :nth-child(2)")) == [percent(n) for n in bins.accuracy]
    assert cells(part.locator("tbody tr > :nth-child(3)")) == [f"{n:,}" for n in bins["count"]]


def test_arrow_keys_move_along_the_reliability(results, report):
    page = results()
    bins = [{"confidence": n / 10, "accuracy": 0.5, "count": n} for n in range(4)]
    replace(page, report.worst, lambda content: content | {"reliability": bins})
    page.reload()
    slider = page.locator("#reliability").get_by_role("slider")
    told = page.locator("#reliability .read-out")
    expect(told).to_have_text("Mean confidence 30.0 %: 50.0 % of 3 images right")
    slider.press("ArrowLeft")
    expect(told).to_have_text("Mean confidence 20.0 %: 50.0 % of 2 images right")
    slider.press("Home")  # the bin without images is none
    expect(told).to_have_text("Mean confidence 10.0 %: 50.0 % of 1 image right")


def test_kinds_of_unfamiliar_images_have_their_columns(results, report):
    page = results()
    table = report.table("unfamiliar")
    part = page.locator("#unfamiliar")
    assert cells(part.locator("tbody th")) == list(table.kind)
    heads = cells(part.locator("thead th"))
    column = heads.index("Distance AUROC") + 1
    shown = cells(part.locator(f"tbody tr > :nth-child({column})"))
    assert shown == [f"{value:.3f}" for value in table.knn_auroc]
    column = heads.index("Distance found") + 1
    shown = cells(part.locator(f"tbody tr > :nth-child({column})"))
    assert shown == [percent(value) for value in table.knn_tpr]


# The page


def test_another_network_is_shown_in_all_that_follows_and_in_the_address(results, report):
    page = results(network=report.best)
    page.get_by_role("group", name="Network").get_by_label(report.worst).check()
    assert urlsplit(page.url).query == f"network={report.worst}"
    predictions = report.predictions()
    for again in (False, True):
        if again:
            page.reload()
        told = f"{(~predictions.right).sum()} of {len(predictions)} images"
        expect(status(page)).to_contain_text(told)
        expect(page.get_by_role("group", name="Network").get_by_label(report.worst)).to_be_checked()
        error = f"{report.metrics(report.worst)['ece']:.4f}"
        expect(page.locator("#reliability")).to_contain_text(error)
        first = f"{report.table('per_class').f1.min():.3f}"
        expect(page.locator(".classes tbody tr").first).to_contain_text(first)


@pytest.mark.parametrize(
    "missing", ["history", "per_class", "reliability", "unfamiliar", "predictions"]
)
def test_what_a_report_lacks_is_left_out(results, report, missing):
    page = results()

    def empty(content):
        del content[missing]

    for name in report.names:
        replace(page, name, empty)
    page.reload()
    hidden = {
        "history": {"curves"},
        "per_class": {"classes"},
        "predictions": {"confusion", "images"},
    }.get(missing, {missing})
    for part in PARTS:
        expect(page.locator(f"#{part}")).to_be_visible(visible=part not in hidden)
        expect(page.locator(f"#contents [href='#{part}']")).to_be_visible(
            visible=part not in hidden
        )
    assert page.locator(".error:not(:empty)").count() == 0


def test_a_network_without_a_history_leaves_the_others_their_curves(results, report):
    page = results()
    replace(page, report.best, lambda content: content | {"history": []})
    page.reload()
    expect(page.locator("#curves .read-out li")).to_have_count(2)
    assert all(name.startswith(report.worst) for name in read_out(page))


def open_without(open_page, pattern, query=""):
    """The page, where files of this pattern are missing."""
    page = open_page("icon.svg", expected="404")
    page.route(pattern, lambda route: route.fulfill(status=404))
    page.goto(page.url.replace("icon.svg", f"report.html{query}"))
    return page


def test_without_the_data_one_line_names_their_file(open_page):
    page = open_without(open_page, "**/data/site.json")
    error = page.locator("main [role=alert]")
    expect(error).to_have_text(re.compile(r"data/site\.json: .*404"))
    expect(page.locator("#images")).to_be_hidden()


def test_a_network_whose_file_fails_shows_nothing_of_another_until_it_loads(open_page, report):
    page = open_without(open_page, f"**/data/{report.worst}.json")
    expect(page.locator("#curves .read-out li")).to_have_count(2)
    assert all(name.startswith(report.best) for name in read_out(page))
    expect(page.locator("#curves .error")).to_contain_text(f"data/{report.worst}.json")
    expect(page.locator("#classes")).to_be_visible()
    page.locator("#classes").scroll_into_view_if_needed()
    network = page.get_by_role("group", name="Network").get_by_label(report.worst)
    network.check()
    error = page.locator("#choice [role=alert]")
    expect(error).to_have_text(re.compile(rf"data/{report.worst}\.json: .*404"))
    expect(error).to_be_in_viewport()
    for part in PARTS[2:]:
        expect(page.locator(f"#{part}")).to_be_hidden()
    page.unroute_all()
    network.click()
    first = f"{report.table('per_class').f1.min():.3f}"
    expect(page.locator(".classes tbody tr").first).to_contain_text(first)
    expect(page.locator("#curves .read-out li")).to_have_count(4)
    expect(page.locator("main .error:not(:empty)")).to_have_count(0)


def test_a_sheet_of_images_that_does_not_load_is_said_in_one_line(open_page):
    page = open_without(open_page, "**/images/*", "?show=all")
    page.locator(".gallery li").first.scroll_into_view_if_needed()
    expect(page.locator("#images [role=alert]")).to_have_text(re.compile(r"images/.*did not load"))


def test_images_are_loaded_as_they_are_seen_and_neither_model_nor_runtime(results, site):
    asked = []
    page = results()
    page.on("request", lambda request: asked.append(request.url.removeprefix(site.url)))
    page.reload()
    page.locator(".gallery li").first.wait_for()
    page.wait_for_load_state("networkidle")
    assert not [path for path in asked if path.startswith("images/")]
    with page.expect_request("**/images/test-*.png"):
        page.locator(".gallery li").first.scroll_into_view_if_needed()
    assert not [path for path in asked if re.search(r"runtime|models/|onnx|wasm|train", path)]


def test_a_print_has_all_images_that_are_listed(results):
    page = results(show="all")
    items = page.locator(".gallery li")
    assert page.locator(".gallery .near").count() < items.count()
    page.pdf()
    assert page.locator(".gallery .near").count() == items.count()


def test_tab_stops_at_tables_only_where_they_scroll(results):
    page = results()
    table = page.get_by_role("region", name="Images unlike the training images")
    expect(page.locator(".region[tabindex]")).to_have_count(0)
    page.set_viewport_size({"width": 200, "height": 900})
    expect(table).to_have_attribute("tabindex", "0")
    page.set_viewport_size({"width": 1280, "height": 900})
    expect(page.locator(".region[tabindex]")).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1280])
def test_dots_are_near_their_numbers_or_left_out(results, width):
    page = results(width=width)
    row = page.locator(".classes tbody tr").first
    dots, number = row.locator(".dots"), row.locator("td").first
    expect(number).to_be_visible()
    expect(dots).to_be_visible(visible=width > 390)
    if width > 390:
        left, right = dots.bounding_box(), number.bounding_box()
        assert 200 < left["width"] <= 384
        assert right["x"] + right["width"] - (left["x"] + left["width"]) < 150


def test_colours_that_say_something_stay_where_colours_are_forced(results):
    page = results()
    page.emulate_media(forced_colors="active")
    bar = page.locator(".pairs button").first
    expect(bar).to_have_css("background-image", re.compile("gradient"))
    colours = page.locator(".matrix button").evaluate_all(
        "buttons => buttons.map(button => getComputedStyle(button).backgroundColor)"
    )
    assert len(set(colours)) > 2
    chosen = page.get_by_role("group", name="Network").locator("label:has(:checked)")
    expect(chosen).to_have_css("outline-style", "solid")


def test_a_link_to_a_part_leads_there(results):
    page = results("#classes")
    expect(page.locator("#classes h2")).to_be_in_viewport()
    page.get_by_role("navigation", name="On this page").get_by_text("Curves").click()
    expect(page.locator("#curves h2")).to_be_in_viewport()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_does_not_scroll_sideways(results, width):
    page = results(width=width)
    for summary in page.locator("summary").all():
        summary.click()
    assert page.evaluate("document.documentElement.scrollWidth") == width


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_accessibility_rule_is_violated(results, axe, width, scheme):
    page = results(width=width, scheme=scheme)
    for summary in page.locator("summary").all():
        summary.click()
    assert axe(page) == []


# Other data


def many(names, images):
    """A report of `images` of these classes, each third of which is taken for the next class."""
    actual = [image % len(names) for image in range(images)]
    predicted = [(label + (image % 3 == 0)) % len(names) for image, label in enumerate(actual)]
    return {
        "per_class": [{"class": n, "precision": 0.5, "recall": 0.7, "f1": 0.6} for n in names],
        "reliability": [],
        "unfamiliar": [],
        "predictions": {
            "actual": actual,
            "predicted": predicted,
            "confidence": [round(0.2 + 0.79 * image / images, 4) for image in range(images)],
        },
    }


@pytest.fixture
def two_hundred_classes(open_page, report):
    """The page of another data set, with 600 images, of which 200 are mistakes."""
    names = ODD_NAMES + [f"class {number}" for number in range(200 - len(ODD_NAMES))]

    def open_(width=1280):
        page = open_page("report.html", width=width)

        def rename(site):
            site["data"]["classes"] = names
            site["sheet"]["per_file"] = 600

        replace(page, "site", rename)
        for name in report.names:
            replace(page, name, lambda content: content | many(names, 600))
        page.reload()
        return page

    return open_


def test_what_more_was_shown_stays_until_other_images_are_chosen(two_hundred_classes):
    page = two_hundred_classes()
    page.get_by_role("button", name="Show more").click()
    page.get_by_label("Loss", exact=True).check()
    page.get_by_role("navigation", name="On this page").get_by_text("Classes").click()
    expect(page.locator("#curves .plot")).to_have_attribute("aria-label", "loss by epoch")
    expect(status(page)).to_have_text("200 of 600 images, 120 shown")
    page.get_by_role("group", name="Outputs").get_by_label("All").check()
    expect(status(page)).to_have_text("600 of 600 images, 60 shown")


@pytest.mark.parametrize("width", [390, 1280])
def test_two_hundred_classes_of_any_name_can_be_explored(two_hundred_classes, axe, width):
    page = two_hundred_classes(width)
    expect(page.locator(".pairs button")).to_have_count(30)
    assert page.locator(".matrix").count() == 0
    step = 60 if width > 390 else 24
    more = page.get_by_role("button", name="Show more")
    for shown in range(step, 200, step):
        expect(status(page)).to_have_text(f"200 of 600 images, {shown} shown")
        more.press("Enter")
    expect(more).to_be_hidden()
    expect(page.locator(".gallery li").nth(shown)).to_be_focused()
    assert page.locator(".gallery li").count() == 200
    for name in ODD_NAMES:
        page.get_by_label("Actual class").select_option(name)
        expect(status(page)).to_have_text("1 of 600 images")
        assert captions(page)[0][0].endswith(name)
        assert query_of(page)["actual"] == name
    assert page.locator("main b").count() == 0
    assert page.evaluate("document.documentElement.scrollWidth") == width
    assert axe(page) == []
