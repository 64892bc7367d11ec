"""Says which class each image shows.

images:
  files, folders (searched to any depth), patterns in quotes ('shoes/*.jpg', 'shoes/**/*.jpg'), or
  - for one image on standard input. An image that cannot be read is one line on standard error.

exit codes:
  0 all images were answered, 1 some could not be, or the output could not be written, 2 wrong
  usage, no model, or a closed standard stream, 130 interrupted, 141 nobody reads the output
"""

import argparse
import io
import os
import signal
import sys

INTERRUPTED = 130
MODEL = "an exported ONNX model; default: the packaged cnn, in a checkout the model of its data"


def main(arguments: list[str] | None = None) -> None:
    """Run the command and exit with its code."""
    raises = signal.signal(signal.SIGINT, signal.SIG_DFL)  # onnxruntime makes an ImportError of it
    _take_stderr()
    from fashion_predict import make_inference_model  # most of the time until the first prediction

    signal.signal(signal.SIGINT, raises)
    try:
        sys.exit(answering.run(_parse(arguments, list(answering.WRITERS))))
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)


def _take_stderr() -> None:
    """Leave standard error to Python: libtiff prints there by itself what it finds broken.

    A closed one is as if nobody read it, and its number is not left to the next file opened.
    """
    if sys.stderr is sys.__stderr__:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        stream = io.FileIO(os.dup(nowhere if sys.stderr is None else 2), "w")
        sys.stderr = io.TextIOWrapper(stream, errors="backslashreplace", write_through=True)
        os.dup2(nowhere, 2)


def _parse(arguments: list[str] | None, formats: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fashion-predict",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("images", nargs="*", metavar="IMAGE", help="see above")
    parser.add_argument(
        "--files-from",
        metavar="FILE",
        help="read names from FILE, one a line or as of find -print0; - for standard input",
    )
    parser.add_argument("--format", choices=formats, default="table", help="default: table")
    parser.add_argument("--model", metavar="FILE", help=MODEL)
    given = parser.parse_args(arguments)
    if not given.images and given.files_from is None:
        parser.error("no image is named; give files, folders, patterns or -")
    return given


if __name__ == "__main__":
    main()
