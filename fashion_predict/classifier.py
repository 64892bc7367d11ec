"""A trained network, exported to ONNX, and its predictions on images.

In: `NAME.onnx`, one file with everything needed (classes, image size, thresholds, metrics in its
metadata), and images. Out: an `Prediction` for each.

    from fashion_predict import Classifier
    classifier = Classifier.load()
    print(classifier.predict("examples/sneaker.jpg")[0].label)
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from fashion_predict.default_model import choose
from fashion_predict.images.errors import ModelError, ImageError
from fashion_predict.images.reading import Image, read_image
from fashion_predict.images.resizing import PREPROCESSING

# Before the import, which else makes a device's identifier in ~/.cache and sends events of use.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

OOD = "none of the classes"
UNCERTAIN = "not sure"
BATCH = 64
OUTPUTS = ("probabilities", "distance")
PACKAGED = Path(__file__).with_name("cnn.onnx")
CHECKOUT = Path(__file__).parents[2]
NO_MODEL = (  # all that onnxruntime raises for a file that it cannot run; each of no family
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


@dataclass(frozen=True)
class Prediction:
    """What the network says of one image.

    Attributes:
        label: the most probable class; "none of the classes" if the image is unlike the training
            images; "not sure" if the largest probability is too low.
        probabilities: of every class by its name, the most probable first; their sum is 1.
        distance: mean distance of the features to those of the nearest training images, square
            roots of both at unit length, so from 0 to 2.
    """

    label: str
    probabilities: dict[str, float]
    distance: float

    @property
    def best(self) -> str:
        """The most probable class, also where `label` is none."""
        return next(iter(self.probabilities))

    @property
    def probability(self) -> float:
        """The probability of `best`."""
        return self.probabilities[self.best]


class Classifier:
    """A network ready to prediction; may be used from several threads.

    Attributes:
        name: of the network.
        classes: their names, in the order of labels.
        image_shape: of the images that `classify` takes: (height, width), or (height, width, 3).
        data: the name of the data that the network was trained on.
        metrics: `accuracy` on the test images, in one view as here; `val_*` on validation images.
        ood_threshold: an image whose distance is above it is none of the classes.
        target_fpr: fraction of validation images above that distance.
        min_confidence: a largest probability below it is not sure.
        metadata: all metadata of the file, as strings.

    >>> classifier = Classifier.load()
    >>> classifier.image_shape, len(classifier.classes)
    ((28, 28), 10)
    """

    def __init__(self, session: ort.InferenceSession):
        self._session = session
        self.metadata: dict[str, str] = session.get_modelmeta().custom_metadata_map
        self.name = self.metadata["name"]
        self.classes: list[str] = self._value("classes")
        self.image_shape: tuple[int, ...] = tuple(self._value("image_shape"))
        self.data = self.metadata["data"]
        self._prepare = PREPROCESSING[self.metadata["preprocessing"]]
        self.metrics: dict[str, float] = self._value("metrics")
        self.ood_threshold: float = self._value("ood_threshold")
        self.target_fpr: float = self._value("target_fpr")
        self.min_confidence: float = self._value("min_confidence")

    def _value(self, key: str) -> Any:
        return json.loads(self.metadata[key])

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None, threads: int = 1) -> "Classifier":
        """The network in `path`; without it the one in this package, or in a checkout of its data.

        `threads` are those of one call; one is the fastest for so small a network.

        Raises `ModelError` if there is no such file or if it is no exported network, and without
        `path` if no or more than one model of a checkout is of its data (`choose`).
        """
        if path is None:
            if not PACKAGED.exists():
                return choose(partial(cls.load, threads=threads), CHECKOUT)
            path = PACKAGED
        if not os.path.isfile(path):  # noqa: PTH113 - that of `Path` raises without access
            raise ModelError(f"{path}: expected an exported model, {_missing(path)}")
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        options.log_severity_level = 4  # the exception says it
        try:
            session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            return cls(session)
        except NO_MODEL as error:
            raise ModelError(f"{path}: expected an ONNX model: {error}") from error
        except (KeyError, ValueError, TypeError) as error:
            raise ModelError(
                f"{path}: expected the metadata of an exported network, received {error!r}; "
                "the stage `export` writes it"
            ) from error

    def predict(self, images: Image | Iterable[Image]) -> list[Prediction]:
        """An prediction for each image.

        They are paths, bytes, binary file objects, Pillow images or arrays (uint8, one image). A
        single one gives a list of one. Raises `ImageError` for the first that cannot be read.

        >>> classifier = Classifier.load()
        >>> [prediction.label for prediction in classifier.predict(["examples/sneaker.jpg"])]
        ['Sneaker']
        """
        if isinstance(images, Image) or not isinstance(images, Iterable):
            images = [images]
        images = [self.prepare(image) for image in images]
        return self.predict_arrays(np.stack(images)) if images else []

    def prepare(self, image: Image) -> np.ndarray:
        """The image as `classify` takes it: uint8 `image_shape`.

        Raises `ImageError` if it cannot be read or shows nothing.
        """
        pixels = read_image(image)
        try:
            return self._prepare(pixels, self.image_shape)
        except ImageError as error:
            if isinstance(image, str | os.PathLike):
                raise ImageError(error.reason, image) from error
            raise

    def predict_arrays(self, images: np.ndarray) -> list[Prediction]:
        """An prediction for each of `images`: uint8 [count, *image_shape], as the model was trained.

        Garments are light on a background of 0. Raises `ImageError` for other arrays.

        >>> classifier = Classifier.load()
        >>> classifier.predict_arrays(np.zeros((1, 28, 28), np.uint8))[0].label
        'none of the classes'
        """
        is_array = isinstance(images, np.ndarray)
        if not is_array or images.dtype != np.uint8 or images.shape[1:] != self.image_shape:
            received = f"{images.dtype} {list(images.shape)}" if is_array else type(images).__name__
            raise ImageError(
                f"expected an array, uint8 [count, {', '.join(map(str, self.image_shape))}], "
                f"received {received}"
            )
        return [
            prediction
            for start in range(0, len(images), BATCH)
            for prediction in self._answers(images[start : start + BATCH])
        ]

    def _answers(self, images: np.ndarray) -> Iterator[Prediction]:
        results = self._session.run(OUTPUTS, {"images": images})
        for probabilities, distance in zip(*results, strict=True):
            order = np.argsort(-probabilities, kind="stable")
            by_class = {self.classes[label]: float(probabilities[label]) for label in order}
            yield Prediction(self._label(by_class, distance), by_class, float(distance))

    def _label(self, probabilities: dict[str, float], distance: float) -> str:
        best, probability = next(iter(probabilities.items()))
        if distance > self.ood_threshold:
            return OOD
        return UNCERTAIN if probability < self.min_confidence else best


def _missing(path: str | os.PathLike[str]) -> str:
    found = "a folder" if os.path.isdir(path) else "no file"  # noqa: PTH112
    writes = "`make repro` writes models/NETWORK.onnx, `make champion` that of a champion"
    return f"found {found}; {writes}"
