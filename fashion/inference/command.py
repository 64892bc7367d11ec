"""Says which class each picture shows.

pictures:
  files, folders (searched to any depth), patterns in quotes ('shoes/*.jpg'), or - for one
  picture on standard input. A picture that cannot be read is one line on standard error.

exit codes:
  0 all pictures were answered, 1 some could not be, 2 wrong usage or no model, 130 interrupted,
  141 nobody reads the output
"""

import argparse
import os
import sys
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext
from functools import partial
from itertools import islice
from typing import Any

import numpy as np

from fashion.errors import FashionError
from fashion.inference.classifier import BATCH, Classifier
from fashion.inference.errors import PictureError
from fashion.inference.finding import STDIN, Found, find_pictures
from fashion.inference.pictures import MAX_BYTES
from fashion.inference.rows import WRITERS, Row, printable

ALL_ANSWERED, SOME_UNREADABLE, INTERRUPTED, PIPE_BROKEN = 0, 1, 130, 141
READERS = min(4, os.cpu_count() or 1)  # decoding runs beside Python in Pillow
BAR_AFTER_SECONDS = 2


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    _silence_libtiff()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module="PIL")  # of files that it reads all the same
        sys.exit(_run(arguments))


def _silence_libtiff() -> None:
    """Leave standard error to Python: libtiff prints there by itself what it finds broken."""
    if sys.stderr is sys.__stderr__:
        sys.stderr = os.fdopen(os.dup(2), "w", buffering=1, errors="backslashreplace")
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)


def _run(arguments: list[str] | None) -> int:
    given = _parse(arguments)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        return _answer(given)
    except FashionError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    except OSError as error:  # of standard output: that of a picture is a row
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # flushed at the end
        if isinstance(error, BrokenPipeError):
            return PIPE_BROKEN
        print(f"standard output: {error.strerror}", file=sys.stderr)
        return SOME_UNREADABLE
    except KeyboardInterrupt:
        return INTERRUPTED


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fashion-predict",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("pictures", nargs="*", metavar="PICTURE", help="see above")
    parser.add_argument(
        "--files-from",
        metavar="FILE",
        type=argparse.FileType("rb"),
        help="read names from FILE, one a line; - for standard input",
    )
    parser.add_argument("--format", choices=WRITERS, default="table", help="default: table")
    parser.add_argument("--model", metavar="FILE", help="an exported ONNX model; default: the cnn")
    given = parser.parse_args(arguments)
    if not given.pictures and given.files_from is None:
        parser.error("no picture is named; give files, folders, patterns or -")
    if given.files_from is sys.stdin.buffer and STDIN in given.pictures:
        parser.error("standard input is named twice")
    return given


def _answer(given: argparse.Namespace) -> int:
    classifier = Classifier.load(given.model)
    code = ALL_ANSWERED
    with ExitStack() as stack:
        write = stack.enter_context(WRITERS[given.format](sys.stdout))
        bar = stack.enter_context(_progress())
        for row in _rows(classifier, find_pictures(_names(given))):
            if row.error:
                code = SOME_UNREADABLE
                _complain(row.error, bar)
            write(row)
            if bar is not None:
                bar.update()
    sys.stdout.flush()
    return code


def _names(given: argparse.Namespace) -> Iterator[str]:
    yield from given.pictures
    if given.files_from is None:
        return
    with given.files_from as lines:
        yield from (os.fsdecode(line.rstrip(b"\r\n")) for line in lines if line.strip())


def _rows(classifier: Classifier, found: Iterator[Found]) -> Iterator[Row]:
    """A row for each picture found, in order; no more than a batch is in memory."""
    with ThreadPoolExecutor(READERS) as readers:
        while batch := list(islice(found, BATCH)):
            images = list(readers.map(partial(_prepare, classifier), batch))
            good = [image for image in images if isinstance(image, np.ndarray)]
            answers = iter(classifier.classify(np.stack(good)) if good else ())
            for (name, _), image in zip(batch, images, strict=True):
                if isinstance(image, PictureError):
                    yield Row(name, None, str(image))
                else:
                    yield Row(name, next(answers), None)


def _prepare(classifier: Classifier, found: Found) -> np.ndarray | PictureError:
    name, wrong = found
    if wrong:
        return wrong
    try:
        if name != STDIN:
            return classifier.prepare(name)
        return classifier.prepare(sys.stdin.buffer.read(MAX_BYTES + 1))
    except PictureError as error:
        return PictureError(f"standard input: {error}") if name == STDIN else error


def _progress() -> Any:
    """A bar on a terminal to which no rows are written, once it takes long; else None."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        return nullcontext()
    from tqdm import tqdm  # a tenth of the time from start to answer

    return tqdm(unit=" pictures", delay=BAR_AFTER_SECONDS)


def _complain(line: str, bar: Any) -> None:
    write = print if bar is None else bar.write
    write(printable(line), file=sys.stderr)


if __name__ == "__main__":
    main()
