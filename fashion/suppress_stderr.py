"""Suppress stderr of native code: TensorFlow and others log to it regardless of log levels."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

from fashion.errors import FashionError


@contextmanager
def suppress_stderr() -> Iterator[None]:
    """Hide what the block writes to stderr, native code included.

    The text is shown if the block raises an exception that is not a `FashionError`.
    """
    stderr = os.dup(2)
    with tempfile.TemporaryFile() as held:
        os.dup2(held.fileno(), 2)
        try:
            yield
        except FashionError:
            raise
        except Exception:
            held.seek(0)
            os.write(stderr, held.read())
            raise
        finally:
            os.dup2(stderr, 2)
            os.close(stderr)
