"""`download`: where the files come from, and what their content must be."""

from typing import Annotated, ClassVar

from pydantic import (
    Discriminator,
    Field,
    HttpUrl,
    NonNegativeInt,
    StringConstraints,
    Tag,
    field_validator,
)

from fashion.params.section import NonEmpty, Section, StageSection

Sha256 = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
FileName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class UrlSource(Section):
    """A web folder that holds `NAME.gz` or `NAME` for each file."""

    url: Annotated[HttpUrl, Field(strict=False)]


class DebianSource(Section):
    """A Debian or Ubuntu package that installs the files, and the folder it installs them to."""

    debian: Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9+.-]+$")]
    folder: Annotated[str, StringConstraints(pattern=r"^/.")]


class DirectorySource(Section):
    """A folder of this machine that holds `NAME.gz` or `NAME` for each file."""

    directory: Annotated[str, StringConstraints(min_length=1)]


KINDS = ("url", "debian", "directory")


def _kind_of_source(value: object) -> str | None:
    fields = value if isinstance(value, dict) else getattr(value, "__dict__", {})
    return next((f"a {kind}" for kind in KINDS if kind in fields), None)


Source = Annotated[
    Annotated[UrlSource, Tag("a url")]
    | Annotated[DebianSource, Tag("a debian")]
    | Annotated[DirectorySource, Tag("a directory")],
    Discriminator(
        _kind_of_source,
        custom_error_type="source",
        custom_error_message="expected a mapping with one of the keys url, debian, directory",
    ),
]


class File(Section):
    """The name of a file, and the SHA-256 of its decompressed content."""

    name: FileName
    sha256: Sha256


class Download(StageSection):
    """Sources in the order tried, and what they must give."""

    key: ClassVar[str] = "download"

    sources: NonEmpty[Source]
    connect_seconds: Annotated[float, Field(gt=0, le=600)]
    retries: NonNegativeInt
    files: NonEmpty[File]

    @field_validator("files")
    @classmethod
    def _names_differ(cls, files: tuple[File, ...]) -> tuple[File, ...]:
        names = [file.name for file in files]
        if len(set(names)) < len(names):
            raise ValueError(f"expected each file once, received {', '.join(names)}")
        return files
