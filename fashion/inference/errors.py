"""What can be wrong with what a user hands to the classifier."""

from fashion.errors import FashionError


class PictureError(FashionError):
    """A picture, or a name that should lead to pictures, that cannot be answered."""


class ModelError(FashionError):
    """A model file that is missing or is not one of this project's exported networks."""

    exit_code = 2
