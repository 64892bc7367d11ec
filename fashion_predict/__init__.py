"""Classify images with a trained network; needs NumPy, Pillow and onnxruntime, not TensorFlow.

    from fashion_predict import Classifier

The names below are imported on first use, so that `fashion_predict.images`, which `preprocess`
uses, does not load onnxruntime.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from fashion_predict.classifier import Classifier, ModelError, Prediction
    from fashion_predict.images.errors import ImageError

__all__ = ["Classifier", "ImageError", "ModelError", "Prediction"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    module = "images.errors" if name == "ImageError" else "classifier"
    return getattr(import_module(f"{__name__}.{module}"), name)
