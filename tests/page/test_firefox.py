"""The main paths of both pages in Firefox, driven by WebDriver BiDi (w3.org/TR/webdriver-bidi).

Playwright drives Firefox by the same protocol, but supports only the newest release, not that of
Debian (github.com/microsoft/playwright/pull/38038).
"""

import asyncio
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import count

import aiohttp
import pytest

from tests.page.conftest import percent, require
from tests.page.test_classify import bar, classifier

pytestmark = pytest.mark.slow

TIMEOUT = 60  # seconds
FIREFOX = ("firefox-esr", "firefox")
OPTIONS = ("--headless", "--no-remote", "--remote-debugging-port=0")
WAIT = """new Promise((resolve) => {
    const check = () => {
        const element = document.querySelector(%r);
        element?.textContent.includes(%r) ? resolve(element) : setTimeout(check, 50);
    };
    check();
})"""


class Tab:
    """A tab of Firefox, with the errors that pages logged in it so far."""

    def __init__(self, socket):
        self._socket = socket
        self._numbers = count()
        self.errors = []

    async def send(self, method, **params):
        """The result of a command."""
        number = next(self._numbers)
        await self._socket.send_json({"id": number, "method": method, "params": params})
        while (message := await self._socket.receive_json(timeout=TIMEOUT)).get("id") != number:
            if message["method"] == "log.entryAdded" and message["params"]["level"] == "error":
                self.errors.append(message["params"]["text"])
        assert message["type"] == "success", message
        return message["result"]

    async def start(self):
        await self.send("session.new", capabilities={})
        await self.send("session.subscribe", events=["log.entryAdded"])
        (tab,) = (await self.send("browsingContext.getTree"))["contexts"]
        self._context = tab["context"]

    async def open(self, url):
        await self.send("browsingContext.navigate", context=self._context, url=url, wait="complete")

    async def evaluate(self, expression):
        """The value of a JavaScript expression, once a promise is fulfilled."""
        target = {"context": self._context}
        answer = await self.send(
            "script.evaluate", expression=expression, target=target, awaitPromise=True
        )
        assert answer["type"] == "success", answer["exceptionDetails"]["text"]
        return answer["result"]

    async def wait_for(self, selector, text=""):
        """The element, once it exists and contains `text`."""
        return await self.evaluate(WAIT % (selector, text))

    async def text(self, selector):
        return (await self.evaluate(f"document.querySelector({selector!r}).textContent"))["value"]

    async def click(self, selector):
        await self.wait_for(selector)
        await self.evaluate(f"document.querySelector({selector!r}).click()")

    async def choose_file(self, path):
        element = {"sharedId": (await self.wait_for("#files"))["sharedId"]}
        await self.send("input.setFiles", context=self._context, element=element, files=[str(path)])


@asynccontextmanager
async def firefox(path, folder):
    """A `Tab` of a new Firefox with an empty profile in `folder`."""
    log = folder / "firefox.log"
    command = [path, *OPTIONS, "--profile", str(folder)]
    with log.open("w") as stderr, subprocess.Popen(command, stderr=stderr) as process:
        try:
            async with asyncio.timeout(TIMEOUT):
                while not (found := re.search(r"BiDi listening on (ws://\S+)\n", log.read_text())):
                    await asyncio.sleep(0.1)
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(f"{found[1]}/session", max_msg_size=0) as socket,
            ):
                tab = Tab(socket)
                await tab.start()
                yield tab
        finally:
            process.terminate()


async def visit(path, folder, site, image):
    """Both pages: the probabilities of an example and of the file `image`, and all errors."""
    async with firefox(path, folder) as tab:
        await tab.open(f"{site.url}index.html")
        await tab.click("#examples button")
        await tab.wait_for("#prediction .heatmap")
        probabilities = [await tab.text("#prediction .bars")]
        await tab.choose_file(image)
        await tab.wait_for("#prediction .file", image.name)
        await tab.wait_for("#prediction .heatmap")
        probabilities.append(await tab.text("#prediction .bars"))
        await tab.open(f"{site.url}report.html")
        await tab.wait_for(".matrix")
        assert await tab.text("h1") == "Results on Shapes"
        return probabilities, tab.errors


def test_firefox_predicts_like_python_and_opens_the_report(site, tmp_path):
    path = require(next(filter(None, map(shutil.which, FIREFOX)), None), "Firefox")
    example, image = min((site.folder / "examples").iterdir()), tmp_path / "chosen.png"
    image.write_bytes(bar(1))
    with ThreadPoolExecutor(1) as thread:  # this one may run the loop of Playwright
        visited = thread.submit(asyncio.run, visit(path, tmp_path, site, image))
        probabilities, errors = visited.result()
    for file, shown in zip((example, image), probabilities, strict=True):
        (prediction,) = classifier(site, "cnn").predict(file)
        for name, probability in prediction.probabilities.items():
            assert f"{name}{percent(probability)}" in shown
    assert errors == []
