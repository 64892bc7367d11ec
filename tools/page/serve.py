"""Serve: the built page for browsers on this machine, at an address that no other machine reaches.

Browsers load neither modules nor WebAssembly from files, so there must be a server; any static one
will do. Run: `python -m tools.page.serve`, or `python -m tools.page.serve PORT FOLDER`.
"""

import errno
import sys
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from fashion import cli
from fashion.errors import FashionError
from tools.page.build import SITE

ADDRESS = "127.0.0.1"
PORT = "8000"
LAST_PORT = 65535


class ServeError(FashionError):
    """Nothing to serve, or no port to serve it on."""


class Handler(SimpleHTTPRequestHandler):
    """Files as they are now, with the types that browsers insist on; errors are printed."""

    protocol_version = "HTTP/1.1"
    extensions_map = SimpleHTTPRequestHandler.extensions_map | {
        ".avif": "image/avif",
        ".js": "text/javascript",
        ".mjs": "text/javascript",
        ".onnx": "application/octet-stream",
        ".wasm": "application/wasm",
        ".webp": "image/webp",
    }

    def end_headers(self) -> None:
        """Have browsers ask each time whether a file is as it was: the page may be built anew."""
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: Any) -> None:  # noqa: ARG002
        """Answer that there is nothing, where a folder has no `index.html`."""
        self.send_error(404)

    def log_request(self, code: Any = "-", size: Any = "-") -> None:
        """Print nothing of what went well."""


class Server(ThreadingHTTPServer):
    """A thread a connection; browsers that go away are no error."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the traceback of anything but a broken connection."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def main(port: str = PORT, folder: str = SITE) -> None:
    """Serve `folder` on `port`, or the next that is free, until interrupted."""
    if not (Path(folder) / "index.html").exists():
        raise ServeError(f"{folder}: expected a built page, found none; `make page` builds it")
    if not (port.isascii() and port.isdigit() and int(port) <= LAST_PORT):
        raise ServeError(f"expected a port from 0 to {LAST_PORT}, received {port}")
    with listen(folder, int(port)) as server:
        print(f"http://{ADDRESS}:{server.server_port}/ (Ctrl-C stops it)", flush=True)
        try:
            server.serve_forever()
        except KeyboardInterrupt:
            print()  # the terminal has ^C on this line


def listen(folder: str, port: int) -> Server:
    """A server of `folder` that waits on the first free port from `port` on; 0 is any."""
    handler = partial(Handler, directory=folder)
    for candidate in range(port, LAST_PORT + 1):
        try:
            return Server((ADDRESS, candidate), handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
    raise ServeError(f"no port from {port} to {LAST_PORT} is free; name a lower one: PORT=8000")


if __name__ == "__main__":
    cli.run(main, "port", "folder")
