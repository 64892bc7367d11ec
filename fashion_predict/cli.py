"""Outputs the images that are named on a command line, a row for each as soon as it is known."""

import argparse
import codecs
import os
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext, suppress
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from fashion.errors import FashionError
from fashion_predict.classifier import BATCH, Classifier
from fashion_predict.images.errors import ImageError
from fashion_predict.find_images import STDIN, Found, find_images
from fashion_predict.images.reading import MAX_BYTES
from fashion_predict.writers import WRITERS, Row, printable

ALL_ANSWERED, SOME_UNREADABLE, PIPE_BROKEN = 0, 1, 141
READERS = min(4, os.cpu_count() or 1)  # decoding runs beside Python in Pillow
BAR_AFTER_SECONDS = 2


class StreamError(FashionError):
    """A standard stream or a file of names without which nothing can be done."""

    exit_code = 2


def run(given: argparse.Namespace) -> int:
    """Write a row for each image to standard output; the code to exit with."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # of files that it reads all the same
        try:
            return _answer(given)
        except FashionError as error:
            _say(str(error))
            return error.exit_code


def _answer(given: argparse.Namespace) -> int:
    if sys.stdout is None:
        raise StreamError("standard output: closed")
    classifier = Classifier.load(given.model)
    found = find_images(_names(given))
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return _write(classifier, found, given.format)
    except OSError as error:  # of standard output: those of what is read are in the rows
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # flushed at the end
        if isinstance(error, BrokenPipeError):
            return PIPE_BROKEN
        _say(f"standard output: {error.strerror}")
        return SOME_UNREADABLE


def _names(given: argparse.Namespace) -> list[str]:
    uses = [*given.images, given.files_from].count(STDIN)
    if uses > 1 or (uses and sys.stdin is None):
        raise StreamError(f"standard input: {'named twice' if uses > 1 else 'closed'}")
    if given.files_from is None:
        return given.images
    content = _listed(given.files_from).removeprefix(codecs.BOM_UTF8)
    zero = b"\0" in content  # of `find -print0`
    lines = content.split(b"\0") if zero else content.replace(b"\r\n", b"\n").split(b"\n")
    return [*given.images, *(os.fsdecode(line) for line in lines if line.strip())]


def _listed(file: str) -> bytes:
    try:
        return sys.stdin.buffer.read() if file == STDIN else Path(file).read_bytes()
    except OSError as error:
        raise StreamError(f"{_shown(file)}: {error.strerror or error}") from error


def _write(classifier: Classifier, found: Iterator[Found], form: str) -> int:
    code = ALL_ANSWERED
    try:
        with ExitStack() as stack:
            write = stack.enter_context(WRITERS[form](sys.stdout, classifier))
            bar = stack.enter_context(_progress())
            for row in _rows(classifier, found):
                if row.error:
                    code = SOME_UNREADABLE
                    _say(f"{_shown(row.file)}: {row.error}", bar)
                write(row)
                if bar is not None:
                    bar.update()
    finally:
        sys.stdout.flush()  # also when interrupted; at the end of Python an error would be printed
    return code


def _rows(classifier: Classifier, found: Iterator[Found]) -> Iterator[Row]:
    """A row for each image found, in order; no more than a batch is in memory."""
    with ThreadPoolExecutor(READERS) as readers:
        while batch := list(islice(found, BATCH)):
            images = list(readers.map(partial(_prepare, classifier), batch))
            good = [image for image in images if isinstance(image, np.ndarray)]
            predictions = iter(classifier.predict_arrays(np.stack(good)) if good else ())
            for (name, _), image in zip(batch, images, strict=True):
                if isinstance(image, str):
                    yield Row(name, None, image)
                else:
                    yield Row(name, next(predictions), None)


def _prepare(classifier: Classifier, found: Found) -> np.ndarray | str:
    """The image as the model takes it, or what is wrong with it."""
    name, wrong = found
    if wrong:
        return wrong
    try:
        return classifier.prepare(_stdin() if name == STDIN else name)
    except ImageError as error:
        return error.reason


def _stdin() -> bytes:
    if sys.stdin is None:
        raise ImageError("closed")
    try:
        return sys.stdin.buffer.read(MAX_BYTES + 1)
    except OSError as error:
        raise ImageError(error.strerror or str(error)) from error


def _progress() -> Any:
    """A bar on a terminal to which no rows are written, once it takes long; else None."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        return nullcontext()
    from tqdm import tqdm  # a tenth of the time from start to prediction

    return tqdm(unit=" images", delay=BAR_AFTER_SECONDS)


def _shown(name: str) -> str:
    return "standard input" if name == STDIN else name


def _say(line: str, bar: Any = None) -> None:
    write = print if bar is None else bar.write
    with suppress(OSError):  # nobody can be told
        write(printable(line), file=sys.stderr)
