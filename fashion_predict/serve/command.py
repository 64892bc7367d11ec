"""Answer over HTTP: POST images to /predict; /docs is a page that describes all paths.

The service has no passwords and no encryption. It listens to this computer only unless --host names
another address. SIGTERM or Ctrl-C ends it after the requests that have begun.
"""

import argparse
import asyncio
import os
import socket
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from dataclasses import fields
from functools import partial

import uvicorn
from fastapi import FastAPI
from prometheus_client.multiprocess import mark_process_dead
from uvicorn.protocols.http.h11_impl import H11Protocol
from uvicorn.supervisors import Multiprocess

from fashion_predict.classifier import Classifier, named_models
from fashion_predict.default_model import ModelError
from fashion_predict.images import reading
from fashion_predict.serve.app import create_app
from fashion_predict.serve.limits import Limits
from fashion_predict.serve.metrics import SHARED_FOLDER

MAX_HEADER_BYTES = 16_384
MAX_CONNECTIONS = 1000  # fewer than the files that a process may usually open (1,024)
UNREAD_MS = 20_000
LAST_IMAGE = 15  # seconds for an image that was started just in time, when the service ends


def main(arguments: list[str]) -> int:
    """Run the service until it gets a signal, and return the exit code.

    Raises `ModelError` if a model cannot be loaded, or the address is not free.
    """
    options = parse(arguments)
    limits = Limits(**{limit.name: getattr(options, limit.name) for limit in fields(Limits)})
    models = load_models(options.model)
    with _listen(options.host, options.port) as listener:
        host, port = listener.getsockname()[:2]
        address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        print(f"{', '.join(models)}: http://{address}/docs (Ctrl-C stops it)", flush=True)
        if options.workers > 1:
            with tempfile.TemporaryDirectory(prefix="fashion-predict-") as folder:
                os.environ[SHARED_FOLDER] = folder
                load_app = partial(_load_app, options.model, limits)
                _Workers(_configure(load_app, limits, options.workers), [listener]).run()
        else:
            app = partial(_make_app, models, limits)
            uvicorn.Server(_configure(app, limits)).run([listener])
    return 0


def load_models(paths: list[str] | None) -> dict[str, Classifier]:
    """Load the models in `paths`, by name; the first is the default.

    Without `paths`, load the default of `Classifier.load` and all others of `named_models`. Raises
    `ModelError` if one cannot be loaded, or two have the same name.
    """
    models: dict[str, Classifier] = {}
    for path in paths or (None,):
        model = Classifier.load(path)
        if model.name in models:
            raise ModelError(f"{path}: expected another name than {model.name}, found it twice")
        models[model.name] = model
    if not paths:
        for file in named_models().values():
            with suppress(ModelError):  # an ONNX file of another project
                model = Classifier.load(file)
                models.setdefault(model.name, model)
    return models


def parse(arguments: list[str]) -> argparse.Namespace:
    """Parse the arguments after `serve`; exits with 2 if they are wrong."""
    parser = argparse.ArgumentParser(
        prog="fashion-predict serve",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    parser.add_argument("--port", type=_port, default=8000, help="default: %(default)s")
    parser.add_argument(
        "--model",
        nargs="+",
        help="exported ONNX models, as for fashion-predict, the default first; default: all that "
        "are packaged, or are in the checkout of the project",
    )
    parser.add_argument(
        "--workers",
        type=_number,
        metavar="N",
        default=1,
        help="processes; one that dies is started again (default: %(default)s)",
    )
    for limit in fields(Limits):
        option, explanation = limit.name.replace("_", "-"), limit.metadata["help"]
        parser.add_argument(
            f"--{option}",
            type=_number,
            metavar="N",
            default=limit.default,
            help=f"{explanation} (default: {limit.default:,})",
        )
    return parser.parse_args(arguments)


def _number(text: str, lowest: int = 1, highest: int = 2**31) -> int:
    if not (text.isdecimal() and lowest <= int(text) <= highest):
        raise argparse.ArgumentTypeError(f"expected {lowest} to {highest}, found {text}")
    return int(text)


_port = partial(_number, lowest=0, highest=65535)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        listener = socket.create_server((host, port), family=family)
    except OSError as error:
        advice = "choose another --host or --port"
        raise ModelError(f"{host}, port {port}: {error}; {advice}") from error
    # Without it, each answer takes 40 ms longer; asyncio does not set it for a socket made here.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux: ends connections that take no answers
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, UNREAD_MS)
    return listener


def _load_app(paths: list[str] | None, limits: Limits) -> FastAPI:
    return _make_app(load_models(paths), limits)


def _make_app(models: dict[str, Classifier], limits: Limits) -> FastAPI:
    warnings.filterwarnings("ignore", module="PIL")  # about files that it reads anyway
    reading.MAX_PIXELS = limits.max_pixels
    return create_app(models, limits)


def _configure(make_app: Callable[[], FastAPI], limits: Limits, workers: int = 1) -> uvicorn.Config:
    return uvicorn.Config(
        make_app,
        factory=True,
        workers=workers,
        http=_Protocol,
        ws="none",
        lifespan="off",
        log_level="warning",
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=MAX_CONNECTIONS,
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        timeout_keep_alive=limits.timeout,
        timeout_graceful_shutdown=limits.timeout + LAST_IMAGE,
    )


class _Workers(Multiprocess):
    """Processes on one socket; the metrics forget the requests in flight of one that died."""

    def keep_subprocess_alive(self) -> None:
        before = {process.pid for process in self.processes}
        super().keep_subprocess_alive()
        for pid in before - {process.pid for process in self.processes}:
            mark_process_dead(pid)


class _Protocol(H11Protocol):
    """Close a connection whose next headers do not arrive in time; Uvicorn itself would wait."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect_request(self.cycle)

    def on_response_complete(self) -> None:
        cycle = self.cycle
        super().on_response_complete()  # may begin the next one
        self._expect_request(cycle)

    def _expect_request(self, last: object) -> None:
        self.loop.call_later(self.timeout_keep_alive, self._close_if_silent, last)

    def _close_if_silent(self, last: object) -> None:
        if self.cycle is last:
            self.timeout_keep_alive_handler()
