"""`data`: the name, the classes and the image format of the dataset."""

import unicodedata
from typing import Annotated, ClassVar, Literal, Self

from pydantic import (
    BeforeValidator,
    Field,
    HttpUrl,
    PositiveInt,
    StringConstraints,
    field_validator,
    model_validator,
)

from fashion.config.section import StageSection
from fashion.names import find_look_alikes, with_code_points

CONTROL = ("Cc", "Cs", "Zl", "Zp")  # Unicode's control characters, surrogates and line ends


def _check_name(text: object) -> object:
    """Refuse numbers and dates, which YAML reads unquoted, and control characters."""
    if not isinstance(text, str):
        raise ValueError("expected text; put it in quotes")  # noqa: TRY004
    if any(unicodedata.category(letter) in CONTROL for letter in text):
        raise ValueError("expected a name on one line, without control characters; remove them")
    return text


Text = Annotated[str, StringConstraints(min_length=1), BeforeValidator(_check_name)]
ClassNames = Annotated[tuple[Text, ...], Field(min_length=2, max_length=256, strict=False)]
GREYSCALE = 1
FOLDERS = "folders"


class Data(StageSection):
    """Name, origin, class names in the order of labels, and image format of the dataset.

    `classes` is None if `params.yaml` has `folders`: the names are then those of the class folders,
    sorted. Names are in Unicode's composed form (NFC). `homepage` and `license` may be null.
    `preprocessing` is a key of `fashion_predict.images.resizing.PREPROCESSING`.
    """

    key: ClassVar[str] = "data"

    name: Text
    homepage: HttpUrl | None
    license: Text | None
    classes: ClassNames | None
    image_height: PositiveInt
    image_width: PositiveInt
    channels: Literal[1, 3]
    preprocessing: Literal["fashion_mnist", "crop", "pad"]

    @field_validator("classes", mode="before")
    @classmethod
    def _is_list_or_folders(cls, classes: object) -> object:
        if classes is None or (isinstance(classes, str) and classes != FOLDERS):
            raise ValueError(f"expected a list of names, or the word {FOLDERS}")
        return None if classes == FOLDERS else classes

    @field_validator("classes")
    @classmethod
    def _names_differ(cls, names: tuple[str, ...] | None) -> tuple[str, ...] | None:
        if names is None:
            return None
        # Folder names are normalized in the same way.
        names = tuple(unicodedata.normalize("NFC", name) for name in names)
        duplicates = sorted({name for name in names if names.count(name) > 1})
        if duplicates:
            raise ValueError(f"expected each class once, received {', '.join(duplicates)} twice")
        if alike := find_look_alikes(names):
            found = ", ".join(with_code_points(group) for group in alike)
            raise ValueError(f"expected names that look different, found {found}; rename one")
        return names

    @model_validator(mode="after")
    def _fashion_mnist_is_greyscale(self) -> Self:
        if self.preprocessing == "fashion_mnist" and self.channels != GREYSCALE:
            raise ValueError(
                "expected preprocessing crop or pad for channels 3; fashion_mnist is greyscale"
            )
        return self
