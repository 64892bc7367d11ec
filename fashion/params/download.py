"""`download`: where the files come from, and what their content must be."""

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

from fashion.params.section import NonEmpty, Section, StageSection

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class UrlSource(Section):
    """A web folder that holds `NAME.gz` or `NAME` for each file."""

    url: HttpUrl


class DebianSource(Section):
    """A Debian or Ubuntu package that installs the files, and the folder it installs them to."""

    debian: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]+$")]
    folder: Annotated[str, StringConstraints(pattern=r"^/.")]


class DirectorySource(Section):
    """A folder of this machine that holds `NAME.gz` or `NAME` for each file."""

    directory: Annotated[str, StringConstraints(min_length=1)]


class PictureSource(Section):
    """A folder of this machine with pictures in a folder for each class, or `data/raw` itself."""

    pictures: Annotated[str, StringConstraints(min_length=1)]


FileSource = UrlSource | DebianSource | DirectorySource
KINDS = ("url", "debian", "directory", "pictures")


def _kind_of_source(value: object) -> str | None:
    fields = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return next((f"a {kind}" for kind in KINDS if kind in fields), None)


Source = Annotated[
    Annotated[UrlSource, Tag("a url")]
    | Annotated[DebianSource, Tag("a debian")]
    | Annotated[DirectorySource, Tag("a directory")]
    | Annotated[PictureSource, Tag("a pictures")],
    Discriminator(
        _kind_of_source,
        custom_error_type="source",
        custom_error_message="expected a mapping with one of the keys " + ", ".join(KINDS),
    ),
]


class File(Section):
    """The name of a file, and the SHA-256 of its decompressed content."""

    name: FileName
    sha256: Sha256


class Download(StageSection):
    """Sources in the order tried, and what they must give; pictures are a source without files."""

    key: ClassVar[str] = "download"

    sources: NonEmpty[Source]
    connect_seconds: Annotated[float, Field(gt=0, le=600)]
    retries: NonNegativeInt
    files: Annotated[tuple[File, ...], Field(strict=False)]

    @field_validator("files")
    @classmethod
    def _names_differ(cls, files: tuple[File, ...]) -> tuple[File, ...]:
        names = [file.name for file in files]
        if len(set(names)) < len(names):
            raise ValueError(f"expected each file once, received {', '.join(names)}")
        return files

    @model_validator(mode="after")
    def _pictures_are_no_files(self) -> Self:
        has_pictures = any(isinstance(source, PictureSource) for source in self.sources)
        if has_pictures and (len(self.sources) > 1 or self.files):
            raise ValueError("expected `files: []` and no other source beside pictures")
        if not (has_pictures or self.files):
            raise ValueError("expected files with their SHA-256, or `- pictures: FOLDER` as source")
        return self
