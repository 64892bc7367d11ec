"""The page of the small project, built and served, and a browser to open it.

Tests that need a browser are skipped where one is missing, except in continuous integration, which
sets `CI`.
"""

import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import onnx
import pytest
from filelock import FileLock

from tests.conftest import ROOT
from tests.data.image_files import draw, write_class
from tools.page import build
from tools.page.screenshots import CHROMIUM, serve

AXE = ROOT / "page/node_modules/axe-core/axe.min.js"
NAMES = ["<b>bold</b>, \"quoted\" & 'more'", "very" * 40, "حذاء رياضي", "運動靴", "__proto__"]


class Site(NamedTuple):
    """A built page and its address."""

    folder: Path
    url: str


def require(thing, what):
    """`thing` if it exists, else skip the test."""
    if not thing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"{what} is missing")
    return thing


@pytest.fixture(scope="session")
def page_root(shared_folder, reproduced):
    """The small project with the page of this one, as links, and examples."""
    folder = shared_folder / "page-root"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            folder.mkdir()
            for name in ("params.yaml", "data", "reports"):
                (folder / name).symlink_to(reproduced.folder / name)
            shutil.copytree(reproduced.folder / "models", folder / "models")
            save_as_other_data(folder / "models")
            for name in ("page", "NOTICE"):
                (folder / name).symlink_to(ROOT / name)
            write_class(folder / "examples", label=0, count=4)
            draw(1, 0, (300, 200), "RGBA").save(folder / "examples/large.png")
    return folder


def save_as_other_data(models):
    """Write `other.onnx`, a network of other data, in the folder `models`."""
    model = onnx.load(models / "cnn.onnx")
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    changes = {"name": "other", "dataset": "Others", "dataset_sha256": "0"}
    onnx.helper.set_model_props(model, metadata | changes)
    onnx.save(model, models / "other.onnx")


@pytest.fixture(scope="session")
def site(shared_folder, request):
    """The page of the small project, built once and served below another path in each process."""
    require((ROOT / build.RUNTIME).exists(), build.RUNTIME)
    folder = shared_folder / "site"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            build.main(str(folder), request.getfixturevalue("page_root"))
    with serve(folder.parent) as address:
        yield Site(folder, f"{address}{folder.name}/")


@pytest.fixture(scope="package")  # Playwright's loop must not run while other packages use asyncio
def browser():
    path = require(next(filter(None, map(shutil.which, CHROMIUM)), None), "Chromium")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path, args=["--use-fake-device-for-media-stream"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, site):
    """Open a path of the site in a new context, as in `open_page("report.html", width=390)`.

    At its end, the test fails if a page logged an error that does not match the pattern `expected`,
    or sent a request to another host.
    """
    contexts, problems = [], []

    def open_(path="", width=1280, scheme="light", expected=None):
        def add_problem(text):
            if not (expected and re.search(expected, text)):
                problems.append(text)

        def check_host(request):
            url = urlsplit(request.url)
            if url.scheme not in {"blob", "data"} and url.netloc != urlsplit(site.url).netloc:
                problems.append(f"request to another host: {request.url}")

        viewport = {"width": width, "height": 900}
        context = browser.new_context(viewport=viewport, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda log: add_problem(log.text) if log.type == "error" else None)
        page.on("pageerror", lambda error: add_problem(str(error)))
        page.on("request", check_host)
        page.goto(f"{site.url}{path}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture(scope="session")
def axe():
    """A function that lists the violations of accessibility rules on a page."""
    script = require(AXE.exists() and AXE.read_text("utf-8"), "axe-core")

    def violations(page):
        page.evaluate(script)
        found = page.evaluate("async () => (await axe.run()).violations")
        return [(rule["id"], [node["target"] for node in rule["nodes"]]) for rule in found]

    return violations


def change_data(page, name, change):
    """Reload the page with `data/NAME.json` as `change` returns or leaves it."""

    def respond(route):
        content = route.fetch().json()
        route.fulfill(json=change(content) or content)

    page.route(f"**/data/{name}.json", respond)
    page.reload()


def percent(fraction, digits=1):
    """As the page shows it: JavaScript rounds exact halves up."""
    return f"{100 * fraction + 1e-9:.{digits}f}\N{NO-BREAK SPACE}%"


def hidden_width(page):
    """By how many pixels the page scrolls sideways."""
    root = "document.documentElement"
    return page.evaluate(f"{root}.scrollWidth - {root}.clientWidth")
