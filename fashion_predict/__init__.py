"""Classify images with a trained network; needs NumPy, Pillow and onnxruntime, not TensorFlow.

from fashion_predict import Classifier
"""

from typing import TYPE_CHECKING, Any

from fashion_predict.images.errors import ImageError

if TYPE_CHECKING:
    from fashion_predict.classifier import Classifier, ModelError, Prediction

__all__ = ["Classifier", "ImageError", "ModelError", "Prediction"]


def __getattr__(name: str) -> Any:
    """Import the classifier on first use, since `preprocess` needs the images only."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from fashion_predict import classifier

    return getattr(classifier, name)
