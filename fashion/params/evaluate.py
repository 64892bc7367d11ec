"""`evaluate`: how trained models are evaluated on the test set."""

from typing import ClassVar

from pydantic import PositiveInt

from fashion.params.section import StageSection


class Evaluate(StageSection):
    """Images per batch at most, and the number of confidence bins of the calibration error.

    A batch has fewer images where they are large (`fashion.batching`).
    """

    key: ClassVar[str] = "evaluate"

    batch_size: PositiveInt
    calibration_bins: PositiveInt
