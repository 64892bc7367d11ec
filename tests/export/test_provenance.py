import hashlib

from fashion.export.provenance import data_digest
from tests.conftest import small_part


def test_the_digest_of_data_is_of_pixels_and_then_labels():
    images, labels = small_part(per_class=2, seed=0)
    expected = hashlib.sha256(images.tobytes() + labels.tobytes()).hexdigest()
    assert data_digest(images, labels) == expected
