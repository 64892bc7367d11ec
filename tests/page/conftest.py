"""The page of the small project, built and served, and a browser that looks at it.

Tests with a browser are left out, with a word, where something that they need is missing; but not
in continuous integration, which sets `CI` and has all of it.
"""

import os
import re
import shutil
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import pytest
from filelock import FileLock

from tests.conftest import ROOT
from tools.page import build
from tools.page.screenshots import CHROMIUM, serve

AXE = ROOT / "page/node_modules/axe-core/axe.min.js"
HEIGHT = 900
SETUP = "run `make setup-page`"


class Site(NamedTuple):
    """A built page: where its files are, and the address that it is served at."""

    folder: Path
    url: str


def needed(thing, what):
    """`thing` if there is one, else leave the test out: `what` is missing."""
    if not thing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"no {what}")
    return thing


def make_root(folder, project):
    """A project of links: data, models and reports of `project`, page and examples of this one."""
    folder.mkdir()
    for source in (project, ROOT):
        for name in ("params.yaml", "data", "models", "reports", "page", "examples"):
            if (source / name).exists() and not (folder / name).exists():
                (folder / name).symlink_to(source / name)
    return folder


@pytest.fixture(scope="session")
def page_root(shared_folder, reproduced):
    """The small project, as `tools.page` takes it."""
    folder = shared_folder / "page-root"
    with FileLock(f"{folder}.lock"):
        return folder if folder.exists() else make_root(folder, reproduced.folder)


@pytest.fixture(scope="session")
def site(shared_folder, request):
    """The page of the small project, built once for all processes and served in each."""
    needed((ROOT / build.RUNTIME).exists(), f"{build.RUNTIME}: {SETUP}")
    folder = shared_folder / "site"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            build.main(str(folder), request.getfixturevalue("page_root"))
    with serve(folder) as address:
        yield Site(folder, address)


@pytest.fixture(scope="package")  # Playwright's loop must not run while other packages use asyncio
def browser():
    """A headless Chromium."""
    path = needed(next(filter(None, map(shutil.which, CHROMIUM)), None), "Chromium: install it")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=path,
            args=["--use-fake-device-for-media-stream"],  # a camera, of which tests take an image
        )
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser, site):
    """Open a path of the site in a fresh context, as in `open_page("report.html", width=390)`.

    The test fails at its end if a page had an error or asked another host for something; `expected`
    is a pattern of errors that the test provokes.
    """
    contexts, problems = [], []

    def open_(path="", width=1280, scheme="light", expected=None):
        def note(problem):
            if not (expected and re.search(expected, problem)):
                problems.append(problem)

        def check_host(request):
            address = urlsplit(request.url)
            if address.scheme not in {"blob", "data"} and not request.url.startswith(site.url):
                problems.append(f"request to another host: {request.url}")

        context = browser.new_context(
            viewport={"width": width, "height": HEIGHT}, color_scheme=scheme
        )
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda said: note(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: note(str(error)))
        page.on("request", check_host)
        page.goto(f"{site.url}{path}")
        return page

    yield open_
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture(scope="session")
def axe():
    """A function that gives the violations of accessibility rules on a page, each as a line."""
    script = needed(AXE.exists() and AXE.read_text("utf-8"), f"axe-core: {SETUP}")

    def violations(page):
        page.evaluate(script)
        found = page.evaluate("async () => (await axe.run()).violations")
        return [
            f"{rule['id']}: {rule['help']}: {', '.join(str(node['target']) for node in nodes)}"
            for rule in found
            for nodes in [rule["nodes"]]
        ]

    return violations
