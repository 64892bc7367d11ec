"""What one request, and all requests together, may use."""

from dataclasses import dataclass, field
from typing import Any


def _limit(default: int, explanation: str) -> Any:
    return field(default=default, metadata={"help": explanation})


@dataclass(frozen=True)
class Limits:
    """The limits of the service; each is an option of `fashion-predict serve`."""

    max_bytes: int = _limit(20_000_000, "bytes of the body of a request")
    max_pixels: int = _limit(25_000_000, "pixels of an image; each takes up to 16 bytes of memory")
    max_images: int = _limit(32, "images in a request")
    max_requests: int = _limit(64, "requests to /predict at the same time; others get status 503")
    timeout: int = _limit(20, "seconds until a request must have arrived and been started")
