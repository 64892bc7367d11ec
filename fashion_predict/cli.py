"""Classify images from the command line.

images:
  files, folders (searched to any depth), or - for one image on standard input. An image that
  cannot be read is reported as one line on standard error.

exit codes:
  0 all images were classified, 1 some could not be read, or the output could not be written,
  2 wrong usage, no model, or a closed standard stream, 130 interrupted, 141 broken pipe
"""

import argparse
import io
import os
import signal
import sys
import warnings
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, nullcontext, suppress
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    import numpy as np

    from fashion_predict.classifier import Classifier
    from fashion_predict.find_images import Found
    from fashion_predict.writers import Result

FORMATS = ("table", "json", "csv")
SUCCESS, SOME_FAILED, USAGE, INTERRUPTED, PIPE_BROKEN = 0, 1, 2, 130, 141
READERS = min(4, os.cpu_count() or 1)  # threads; Pillow decodes without holding the interpreter
PROGRESS_DELAY = 2  # seconds


class StreamError(Exception):
    """A closed standard stream that is needed."""


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)  # onnxruntime makes it an ImportError
    _redirect_native_stderr()
    options = _parse(arguments)
    from fashion_predict.classifier import ModelError  # takes most of the start

    signal.signal(signal.SIGINT, handler)
    try:
        sys.exit(_run(options))
    except (ModelError, StreamError) as error:
        _log(str(error))
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _redirect_native_stderr() -> None:
    """Leave stderr to Python, since libtiff prints there what it finds broken in a file.

    A closed stderr is replaced by the null device, so that the next file does not get its number.
    """
    if sys.stderr is sys.__stderr__:
        null = os.open(os.devnull, os.O_WRONLY)
        stream = io.FileIO(os.dup(null if sys.stderr is None else 2), "w")
        sys.stderr = io.TextIOWrapper(stream, errors="backslashreplace", write_through=True)
        os.dup2(null, 2)


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fashion-predict",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="see above")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument(
        "--model",
        metavar="FILE",
        help="an exported ONNX model; default: the packaged one, or in a checkout that of its data",
    )
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> int:
    """Write a result for each image to standard output, and return the exit code."""
    from fashion_predict.classifier import Classifier
    from fashion_predict.find_images import STDIN, find_images

    if sys.stdout is None:
        raise StreamError("standard output: closed")
    if sys.stdin is None and STDIN in options.images:
        raise StreamError("standard input: closed")
    classifier = Classifier.load(options.model)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="PIL")  # about files that it reads anyway
            return _write(classifier, find_images(options.images), options.format)
    except OSError as error:  # of standard output; errors of the images are in the results
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # else flushed again at exit
        if isinstance(error, BrokenPipeError):
            return PIPE_BROKEN
        _log(f"standard output: {error.strerror}")
        return SOME_FAILED


def _write(classifier: "Classifier", found: "Iterator[Found]", form: str) -> int:
    from fashion_predict.writers import WRITERS

    code = SUCCESS
    try:
        with ExitStack() as stack:
            write = stack.enter_context(WRITERS[form](sys.stdout, classifier))
            progress = stack.enter_context(_progress())
            for result in _predict(classifier, found):
                if result.error:
                    code = SOME_FAILED
                    name = "standard input" if result.file == "-" else result.file
                    _log(f"{name}: {result.error}", progress)
                write(result)
                if progress is not None:
                    progress.update()
    finally:
        sys.stdout.flush()  # here, so that its errors are caught
    return code


def _predict(classifier: "Classifier", found: "Iterator[Found]") -> "Iterator[Result]":
    """Yield a result for each image in order; no more than a batch is in memory."""
    import numpy as np

    from fashion_predict.classifier import BATCH_SIZE
    from fashion_predict.writers import Result

    with ThreadPoolExecutor(READERS) as readers:
        while batch := list(islice(found, BATCH_SIZE)):
            arrays = list(readers.map(partial(_read, classifier), batch))
            readable = [array for array in arrays if not isinstance(array, str)]
            predictions = iter(classifier.predict_arrays(np.stack(readable)) if readable else ())
            for (name, _), array in zip(batch, arrays, strict=True):
                if isinstance(array, str):
                    yield Result(name, None, array)
                else:
                    yield Result(name, next(predictions), None)


def _read(classifier: "Classifier", found: "Found") -> "np.ndarray | str":
    """The network's input, or why the image cannot be read."""
    from fashion_predict.images.errors import ImageError

    name, error = found
    if error:
        return error
    try:
        return classifier.preprocess(sys.stdin.buffer if name == "-" else name)
    except ImageError as error:
        return error.reason


def _progress() -> Any:
    """A progress bar if stderr is a terminal and stdout is not, else None."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        return nullcontext()
    from tqdm import tqdm  # takes a tenth of the start

    return tqdm(unit=" images", delay=PROGRESS_DELAY)


def _log(line: str, progress: Any = None) -> None:
    from fashion_predict.writers import printable

    write = print if progress is None else progress.write
    with suppress(OSError):  # a closed stderr
        write(printable(line), file=sys.stderr)


if __name__ == "__main__":
    main()
