"""Classify images with a trained network.

images:
  files, folders (searched to any depth), or - for one image on standard input. Each image that
  cannot be read is reported on one line of standard error.

fashion-predict serve ... answers over HTTP instead, unless the current folder has a file or folder
named serve; fashion-predict serve --help explains it.

exit codes:
  0 all images were classified, 1 some could not be read, or the output could not be written,
  2 wrong usage or no model, 130 interrupted, 141 broken pipe
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
    from collections.abc import Iterator, Sequence

    import numpy as np

    from fashion_predict.classifier import Classifier
    from fashion_predict.find_images import FoundImage
    from fashion_predict.images.reading import ImageInput
    from fashion_predict.writers import Result

FORMATS = ("table", "json", "csv")
SUCCESS, SOME_FAILED, USAGE, INTERRUPTED, PIPE_BROKEN = 0, 1, 2, 130, 141
SERVE = "serve"
READERS = min(4, os.cpu_count() or 1)  # threads; Pillow releases the GIL while it decodes
PROGRESS_DELAY = 2  # seconds
PHOTO_MODEL, MOST = "clothing", 0.5


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    # Ctrl-C just ends the process during the import: onnxruntime would make it an ImportError.
    handler = signal.signal(signal.SIGINT, signal.SIG_DFL)
    _redirect_native_stderr()
    if arguments is None:
        arguments = sys.argv[1:]
    is_service = arguments[:1] == [SERVE] and not os.path.lexists(SERVE)
    options = None if is_service else _parse(arguments)
    from fashion_predict.classifier import ModelError  # slow, so not for --help

    signal.signal(signal.SIGINT, handler)
    try:
        sys.exit(_serve(arguments[1:]) if options is None else _run(options))
    except ModelError as error:
        _log(str(error))
        sys.exit(USAGE)
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _redirect_native_stderr() -> None:
    """Let only Python write to stderr, since libtiff prints messages of its own about broken files.

    A closed stderr becomes the null device; otherwise the next open file would get its number.
    """
    if sys.stderr is sys.__stderr__:
        null = os.open(os.devnull, os.O_WRONLY)
        stream = io.FileIO(os.dup(null if sys.stderr is None else 2), "w")
        sys.stderr = io.TextIOWrapper(stream, errors="backslashreplace", write_through=True)
        os.dup2(null, 2)


def _serve(arguments: list[str]) -> int:
    """Run the HTTP service until it is stopped, and return the exit code."""
    try:
        from fashion_predict.serve import command
    except ModuleNotFoundError as error:
        advice = 'run pip install ".[serve]" in a clone of the project'
        _log(f"expected the packages of the extra serve, found no {error.name}; {advice}")
        return USAGE
    return command.main(arguments)


def _parse(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fashion-predict",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", nargs="+", metavar="IMAGE", help="see above")
    parser.add_argument("--format", choices=FORMATS, default="table", help="default: table")
    parser.add_argument(
        "--model",
        help="an exported ONNX file, or the name of a packaged model, such as clothing for "
        "photographs; default: cnn, or in a checkout of the project the one trained on its data",
    )
    return parser.parse_args(arguments)


def _run(options: argparse.Namespace) -> int:
    """Write a result for each image to standard output, and return the exit code."""
    from fashion_predict.classifier import Classifier, named_models
    from fashion_predict.find_images import find_images

    classifier = Classifier.load(options.model)
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", module="PIL")  # about files that it reads anyway
            code, rejected = _write(classifier, find_images(options.images), options.format)
    except OSError as error:  # from writing; errors of reading images are in the results
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes at exit
        if isinstance(error, BrokenPipeError):
            return PIPE_BROKEN
        _log(f"standard output: {error.strerror}")
        return SOME_FAILED
    if rejected > MOST and options.model is None and PHOTO_MODEL in named_models():
        _log(
            f"{rejected:.0%} of the images are unlike those of {classifier.dataset}; "
            f"for photographs of clothes, use --model {PHOTO_MODEL}"
        )
    return code


def _write(
    classifier: "Classifier", images: "Iterator[FoundImage]", form: str
) -> tuple[int, float]:
    """Write the results, and return the exit code and the fraction of out-of-distribution images.

    The fraction is of the images that could be read.
    """
    from fashion_predict.writers import WRITERS

    code, read, rejected = SUCCESS, 0, 0
    try:
        with ExitStack() as stack:
            write = stack.enter_context(WRITERS[form](sys.stdout, classifier))
            progress = stack.enter_context(_progress())
            for result in _predict(classifier, images):
                if result.error:
                    code = SOME_FAILED
                    name = "standard input" if result.file == "-" else result.file
                    _log(f"{name}: {result.error}", progress)
                if result.prediction:
                    read += 1
                    rejected += result.prediction.is_ood
                write(result)
                if progress is not None:
                    progress.update()
    finally:
        sys.stdout.flush()  # here, so that its errors are caught
    return code, rejected / max(read, 1)


def _predict(classifier: "Classifier", images: "Iterator[FoundImage]") -> "Iterator[Result]":
    """Yield a result for each image, in order, with at most one batch in memory."""
    from fashion_predict.classifier import BATCH_SIZE

    with ThreadPoolExecutor(READERS) as readers:
        while batch := list(islice(images, BATCH_SIZE)):
            inputs = list(readers.map(partial(_read, classifier), batch))
            yield from predict_batch(classifier, [image.path for image in batch], inputs)


def predict_batch(
    classifier: "Classifier", names: "Sequence[str]", inputs: "Sequence[np.ndarray | str]"
) -> "Iterator[Result]":
    """Yield a result for each of the named inputs, in order; the readable ones form one batch.

    An input is one result of `read_input`.
    """
    import numpy as np

    from fashion_predict.writers import Result

    readable = [array for array in inputs if not isinstance(array, str)]
    predictions = iter(classifier.predict_arrays(np.stack(readable)) if readable else ())
    for name, array in zip(names, inputs, strict=True):
        if isinstance(array, str):
            yield Result(name, None, array)
        else:
            yield Result(name, next(predictions), None)


def _read(classifier: "Classifier", image: "FoundImage") -> "np.ndarray | str":
    from fashion_predict.find_images import STDIN

    if image.error:
        return image.error
    source = sys.stdin.buffer if image.path == STDIN else image.path
    return read_input(classifier, source)  # type: ignore[arg-type]


def read_input(classifier: "Classifier", image: "ImageInput") -> "np.ndarray | str":
    """Return the network's input, uint8 [*image_shape], or the reason why there is none."""
    from fashion_predict.images.errors import ImageError

    try:
        return classifier.preprocess(image)
    except ImageError as error:
        return error.reason


def _progress() -> Any:
    """Open a progress bar if stderr is a terminal and stdout is not; else give None."""
    if not sys.stderr.isatty() or sys.stdout.isatty():
        return nullcontext()
    from tqdm import tqdm  # slow, so only if it is used

    return tqdm(unit=" images", delay=PROGRESS_DELAY)


def _log(line: str, progress: Any = None) -> None:
    from fashion_predict.writers import printable

    write = print if progress is None else progress.write
    with suppress(OSError):  # a closed stderr
        write(printable(line), file=sys.stderr)


if __name__ == "__main__":
    main()
