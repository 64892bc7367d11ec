"""Load a trained network from its ONNX file and predict images.

The file holds everything that prediction needs: the weights, and in its metadata the class names,
the image shape, the preprocessing and the thresholds.

    from fashion_predict import Classifier
    classifier = Classifier.load()
    print(classifier.predict("examples/sneaker.jpg")[0].label)
"""

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from fashion_predict.default_model import ModelError, find_default
from fashion_predict.images.errors import ImageError
from fashion_predict.images.reading import ImageInput, read_image
from fashion_predict.images.resizing import PREPROCESSING

# Set before the import, or onnxruntime writes a device ID into ~/.cache and sends usage events.
os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
import onnxruntime as ort
from onnxruntime.capi import onnxruntime_pybind11_state as ort_errors

__all__ = ["Classifier", "ModelError", "Prediction"]

BATCH_SIZE = 64
OUTPUTS = ("probabilities", "ood_score")
PACKAGED = Path(__file__).with_name("cnn.onnx")
CHECKOUT = Path(__file__).parents[1]
LOAD_ERRORS = (  # raised by onnxruntime for a file that it cannot run; without a common base class
    ort_errors.Fail,
    ort_errors.InvalidArgument,
    ort_errors.InvalidGraph,
    ort_errors.InvalidProtobuf,
    ort_errors.NoSuchFile,
    ort_errors.NotImplemented,
    ort_errors.RuntimeException,
)


def named_models() -> dict[str, Path]:
    """The models in this package, or in `models/` in a checkout of the project, by name."""
    folder = PACKAGED.parent if PACKAGED.exists() else CHECKOUT / "models"
    return {path.stem: path for path in sorted(folder.glob("*.onnx"))}


@dataclass(frozen=True)
class Prediction:
    """The prediction for one image.

    Attributes:
        probabilities: the probability of each class by name, highest first; they sum to 1.
        ood_score: the distance of the image from the training images, from 0 to 2: the mean
            distance of its features to those of the k nearest reference images.
        is_ood: whether `ood_score` is above the model's `ood_threshold`. Such an image is
            out-of-distribution: it probably shows none of the classes.
        is_uncertain: whether the highest probability is below the model's `min_confidence`.
    """

    probabilities: dict[str, float]
    ood_score: float
    is_ood: bool
    is_uncertain: bool

    @property
    def label(self) -> str | None:
        """The most probable class; None if `is_ood` or `is_uncertain`."""
        return None if self.is_ood or self.is_uncertain else self.top1

    @property
    def top1(self) -> str:
        """The most probable class, even if `label` is None."""
        return next(iter(self.probabilities))

    @property
    def top2(self) -> str:
        """The second most probable class."""
        return next(islice(self.probabilities, 1, None))


class Classifier:
    """A trained network; safe to use from several threads.

    Attributes:
        name: the name of the network.
        dataset: the name of the dataset that it was trained on.
        classes: the class names, in the order of the labels.
        image_shape: shape of one image for `predict_arrays`: (height, width) or (height, width, 3).
        ood_threshold: an image with a higher `ood_score` is out-of-distribution.
        target_fpr: the fraction of validation images above `ood_threshold` (false-positive rate).
        min_confidence: a prediction whose highest probability is lower is uncertain.
        metadata: all metadata of the file, as strings.

    >>> classifier = Classifier.load()
    >>> classifier.image_shape, len(classifier.classes)
    ((28, 28), 10)
    """

    def __init__(self, session: ort.InferenceSession):
        self._session = session
        self.metadata: dict[str, str] = session.get_modelmeta().custom_metadata_map
        self.name = self.metadata["name"]
        self.dataset = self.metadata["dataset"]
        self.classes: list[str] = self._value("classes")
        self.image_shape: tuple[int, ...] = tuple(self._value("image_shape"))
        self._preprocess = PREPROCESSING[self.metadata["preprocessing"]]
        self.ood_threshold: float = self._value("ood_threshold")
        self.target_fpr: float = self._value("target_fpr")
        self.min_confidence: float = self._value("min_confidence")

    def _value(self, key: str) -> Any:
        return json.loads(self.metadata[key])

    @classmethod
    def load(cls, path: str | os.PathLike[str] | None = None, threads: int = 1) -> "Classifier":
        """Load the network in the file `path`, by default the one in this package.

        `path` may also be a name of `named_models`. In a checkout of the project, the default is
        the model that was trained on its own data (see `find_default`). `threads` is the number of
        threads per call; one is fastest for small networks.

        Raises `ModelError` if the file does not exist or is not an exported network, or if there is
        no default.
        """
        if path is None:
            if not PACKAGED.exists():
                return find_default(partial(cls.load, threads=threads), CHECKOUT)
            path = PACKAGED
        if not os.path.isfile(path):  # noqa: PTH113  Path.is_file raises without permission
            named = named_models()
            if str(path) not in named:
                raise ModelError(
                    f"{path}: expected an exported model, found no file; known names are "
                    f"{', '.join(named) or 'none'}; `make repro` and `make champion` write "
                    "models/NETWORK.onnx"
                )
            path = named[str(path)]
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = threads
        options.log_severity_level = 4  # the exception has the same message
        try:
            session = ort.InferenceSession(path, options, providers=["CPUExecutionProvider"])
            return cls(session)
        except LOAD_ERRORS as error:
            raise ModelError(f"{path}: expected an ONNX model: {error}") from error
        except (KeyError, ValueError, TypeError) as error:
            raise ModelError(
                f"{path}: expected the metadata of an exported network, found {error!r}; "
                "the stage `export` writes it"
            ) from error

    def predict(self, images: ImageInput | Iterable[ImageInput]) -> list[Prediction]:
        """Predict one image or several of any size.

        An image is a path, bytes, a binary file object, a Pillow image or an array: uint8
        [height, width], or with a last axis of 3 (RGB) or 4 (RGBA). A single image gives a list
        with one prediction.

        Raises `ImageError` for the first image that cannot be read or preprocessed.

        >>> classifier = Classifier.load()
        >>> [prediction.label for prediction in classifier.predict(["examples/sneaker.jpg"])]
        ['Sneaker']
        """
        if isinstance(images, ImageInput) or not isinstance(images, Iterable):
            images = [images]
        arrays = [self.preprocess(image) for image in images]
        return self.predict_arrays(np.stack(arrays)) if arrays else []

    def preprocess(self, image: ImageInput) -> np.ndarray:
        """Read `image` and turn it into the network's input, uint8 [*image_shape].

        Raises `ImageError` if it cannot be read, or if nothing is on its background.
        """
        pixels = read_image(image)
        try:
            return self._preprocess(pixels, self.image_shape)
        except ImageError as error:
            if isinstance(image, str | os.PathLike):
                raise ImageError(error.reason, image) from error
            raise

    def predict_arrays(self, images: np.ndarray) -> list[Prediction]:
        """Predict preprocessed images, uint8 [count, *image_shape], in batches.

        Raises `ImageError` for another dtype or shape.

        >>> classifier = Classifier.load()
        >>> classifier.predict_arrays(np.zeros((1, 28, 28), np.uint8))[0].is_ood
        True
        """
        is_array = isinstance(images, np.ndarray)
        if not is_array or images.dtype != np.uint8 or images.shape[1:] != self.image_shape:
            found = f"{images.dtype} {list(images.shape)}" if is_array else type(images).__name__
            raise ImageError(
                f"expected a uint8 array [count, {', '.join(map(str, self.image_shape))}], "
                f"found {found}"
            )
        return [
            prediction
            for start in range(0, len(images), BATCH_SIZE)
            for prediction in self._predict_batch(images[start : start + BATCH_SIZE])
        ]

    def _predict_batch(self, images: np.ndarray) -> Iterator[Prediction]:
        results = self._session.run(OUTPUTS, {"images": images})
        for probabilities, ood_score in zip(*results, strict=True):
            order = np.argsort(-probabilities, kind="stable")
            yield Prediction(
                {self.classes[label]: float(probabilities[label]) for label in order},
                float(ood_score),
                is_ood=bool(ood_score > np.float32(self.ood_threshold)),
                is_uncertain=bool(probabilities[order[0]] < np.float32(self.min_confidence)),
            )
