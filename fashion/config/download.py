"""`download`: the source of the raw data, and the expected content of its files."""

from typing import Annotated, ClassVar, Self

from pydantic import (
    Discriminator,
    Field,
    HttpUrl,
    NonNegativeInt,
    StringConstraints,
    Tag,
    field_validator,
    model_validator,
)

from fashion.config.idx_names import ROLES, idx_role, role_names
from fashion.config.section import Section, Sha256, StageSection

FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class UrlSource(Section):
    """A web folder that has `NAME.gz` or `NAME` for each file."""

    url: HttpUrl


class DebianSource(Section):
    """A Debian or Ubuntu package with the files, and the folder that it installs them to."""

    debian: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]+$")]
    folder: Annotated[str, StringConstraints(pattern=r"^/.")]


class DirectorySource(Section):
    """A folder of this machine that has `NAME.gz` or `NAME` for each file."""

    directory: Annotated[str, StringConstraints(min_length=1)]


SOURCE_KEYS = ("url", "debian", "directory")


def _source_tag(value: object) -> str | None:
    fields = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return next((f"a {key}" for key in SOURCE_KEYS if key in fields), None)


Source = Annotated[
    Annotated[UrlSource, Tag("a url")]
    | Annotated[DebianSource, Tag("a debian")]
    | Annotated[DirectorySource, Tag("a directory")],
    Discriminator(
        _source_tag,
        custom_error_type="source",
        custom_error_message="expected a mapping with one of the keys " + ", ".join(SOURCE_KEYS),
    ),
]


class File(Section):
    """The name of an IDX file, and the SHA-256 of its decompressed content."""

    name: FileName
    sha256: Sha256

    @field_validator("name")
    @classmethod
    def _is_an_idx_name(cls, name: str) -> str:
        if idx_role(name):
            return name
        if idx_role(name.removesuffix(".gz")):
            raise ValueError(
                "expected the name without .gz and the SHA-256 of the unpacked file; correct both"
            )
        raise ValueError(
            "expected the name of an IDX file, such as train-images-idx3-ubyte, "
            "train-labels.idx1-ubyte, emnist-letters-test-images-idx3-ubyte or "
            "t10k-labels-idx1-ubyte; rename the file, or remove it from the list; to convert "
            "arrays and tables, see Other formats in docs/own-data.md"
        )


class Download(StageSection):
    """Own `images`, or `files` and the `sources` to try for them, in this order.

    `images` is `data/raw` itself or a folder to copy; it needs no files and no sources.
    """

    key: ClassVar[str] = "download"

    images: Annotated[str, StringConstraints(min_length=1)] | None
    sources: Annotated[tuple[Source, ...], Field(strict=False)]
    connect_seconds: Annotated[float, Field(gt=0, le=600)]
    retries: NonNegativeInt
    files: Annotated[tuple[File, ...], Field(strict=False)]

    @field_validator("files")
    @classmethod
    def _has_each_role_once(cls, files: tuple[File, ...]) -> tuple[File, ...]:
        by_role = {role: [f.name for f in files if idx_role(f.name) == role] for role in ROLES}
        faults = [
            f"{', '.join(names) or 'none'} of {role_names(role)}"
            for role, names in by_role.items()
            if len(names) != 1
        ]
        if files and faults:
            raise ValueError(
                "expected one IDX file each of training images, training labels, test images and "
                f"test labels, found {'; '.join(faults)}; list each of the four once"
            )
        return files

    @model_validator(mode="after")
    def _has_files_or_images(self) -> Self:
        if self.images and self.files:  # they tell whose results and statistics these are
            raise ValueError("expected `files: []` beside images")
        if not (self.images or self.files):
            raise ValueError("expected files with their SHA-256, or images: FOLDER")
        return self
