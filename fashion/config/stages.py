"""The sections of single stages: `preprocess` to `plot`."""

import re
from typing import Annotated, ClassVar, Literal, Self

from pydantic import Field, PositiveInt, model_validator

from fashion.config.section import PositiveFraction, Section, Seed, StageSection


class Preprocess(StageSection):
    """Parameters of the splits and of the checks of the data.

    If the largest class has more than `max_imbalance` times the images of the smallest, the stage
    says so. `test_fraction` applies to images without a folder `test`, and `validation_images` to
    those without a folder `validation`. Images whose names match `group_by`
    (`fashion.data.groups`) in the same text stay in one split. `unreadable` says whether images
    that cannot be read are refused or skipped.
    """

    key: ClassVar[str] = "preprocess"

    validation_images: PositiveInt
    seed: Seed
    max_imbalance: Annotated[float, Field(ge=1)]
    test_fraction: PositiveFraction
    group_by: re.Pattern[str] | None
    unreadable: Literal["refuse", "skip"]


class Describe(StageSection):
    """Parameters of the data report: how many images and pairs it shows, and which pairs are near.

    `max_rms` is the largest root-mean-square difference of the pixels of near duplicates, in grey
    levels of 0 to 255.
    """

    key: ClassVar[str] = "describe"

    images_per_class: PositiveInt
    max_pairs: PositiveInt
    max_rms: Annotated[float, Field(ge=0, lt=128)]


class Train(StageSection):
    """Parameters that all networks share. Results are bit-equal only with equal `threads`."""

    key: ClassVar[str] = "train"

    seed: Seed
    threads: Annotated[int, Field(gt=0, le=1024)]


class Evaluate(StageSection):
    """The largest number of images per batch, and the number of confidence bins.

    Batches of large images are smaller (`fashion.io.batching`).
    """

    key: ClassVar[str] = "evaluate"

    batch_size: PositiveInt
    reliability_bins: PositiveInt


class OodDetection(StageSection):
    """Out-of-distribution detection by the distance to the k nearest reference images.

    `knn_bank_size` training images are the references, equally many of each class. An image
    counts as out-of-distribution if its distance is above a threshold. The threshold is chosen so
    that it is exceeded by the fraction `target_fpr` of the validation images.
    """

    key: ClassVar[str] = "ood_detection"

    knn_bank_size: PositiveInt
    k: PositiveInt
    target_fpr: PositiveFraction

    @model_validator(mode="after")
    def _bank_holds_k(self) -> Self:
        if self.k > self.knn_bank_size:
            raise ValueError(f"expected k at most knn_bank_size, which is {self.knn_bank_size}")
        return self


class Export(StageSection):
    """Parameters of the exported files.

    A prediction is uncertain if its highest probability is below `min_confidence`. The ranges of
    int8 are determined from `representative_images` training images. `onnx_weights` is how ONNX
    files store weights.
    """

    key: ClassVar[str] = "export"

    min_confidence: Annotated[float, Field(ge=0, le=1)]
    representative_images: PositiveInt
    onnx_weights: Literal["float32", "float16"]


class Plot(StageSection):
    """Parameters of the figures: resolution, number of mistakes, and examples per class."""

    key: ClassVar[str] = "plot"

    dpi: Annotated[int, Field(gt=0, le=600)]
    mistakes: PositiveInt
    examples: PositiveInt


class LabelIssues(Section):
    """The search for wrong labels: `folds`, `epochs` of each, and `images` in the gallery."""

    folds: Annotated[int, Field(ge=2)]
    epochs: PositiveInt
    images: PositiveInt
