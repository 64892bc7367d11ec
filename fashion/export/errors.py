"""The error of the export."""

from fashion.errors import FashionError


class ExportError(FashionError):
    """A model that cannot be exported, or an exported file whose predictions differ from Keras."""
