"""Images of the page for the README: an prediction, light, and the confusions of a network, dark.

In: `site/`. Out: `docs/page-classify.png` and `docs/page-report.png`. Run after `make page`:
`python -m tools.page.screenshots`, with a Chromium, which Playwright drives.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from io import BytesIO
from pathlib import Path
from threading import Thread
from typing import Literal

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from fashion import cli
from tools.page.build import SITE

EXAMPLE = 2  # the sneaker
SIZE = ViewportSize(width=1280, height=1160)
COLOURS = 128
SHEETS_LOADED = """() => Promise.all([...document.querySelectorAll("[data-sheet]")].map(
    ({ dataset }) => Object.assign(new Image(), { src: dataset.sheet }).decode()
))"""  # images are backgrounds, which do not say when they are there
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")


def main(folder: str = SITE, out: str = "docs") -> None:
    """Draw both documents of the page in `folder` into the folder `out`."""
    with serve(folder) as address, sync_playwright() as playwright:
        path = next(filter(None, map(shutil.which, CHROMIUM)), None)
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        page = _open(browser, address, "light")
        page.locator("#examples button").nth(EXAMPLE).click()
        page.locator(".heat").wait_for()  # the map, which is computed last
        _draw(page, f"{out}/page-classify.png")
        page = _open(browser, f"{address}report.html", "dark")
        page.locator("#confusion").evaluate("section => section.scrollIntoView()")
        _draw(page, f"{out}/page-report.png")
        browser.close()


class _QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Print no requests."""


@contextmanager
def serve(folder: str | Path) -> Iterator[str]:
    """Serve the files of `folder` on a free port of this machine; give the address."""
    handler = partial(_QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def _open(browser: Browser, address: str, scheme: Literal["light", "dark"]) -> Page:
    page = browser.new_page(viewport=SIZE, color_scheme=scheme)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    return page


def _draw(page: Page, path: str) -> None:
    """An image of what is in view, in few colours, so that Git holds little."""
    page.evaluate(SHEETS_LOADED)
    image = Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(COLOURS)
    image.save(path, optimize=True)
    print(path)


if __name__ == "__main__":
    cli.run(main, "folder", "out")
