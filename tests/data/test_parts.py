import numpy as np
import pytest

from fashion.data.parts import image_shape, read_idx_part
from tests.conftest import idx_bytes


def test_an_image_has_an_axis_of_channels_in_colour_alone():
    assert image_shape(2, 3, 1) == (2, 3)
    assert image_shape(2, 3, 3) == (2, 3, 3)


@pytest.mark.parametrize(("shape", "size"), [((4, 5), [4, 5, 1]), ((4, 5, 3), [4, 5, 3])])
def test_idx_images_are_named_by_their_place_and_have_the_size_of_the_file(tmp_path, shape, size):
    images = np.arange(2 * np.prod(shape)).reshape(2, *shape)
    (tmp_path / "images").write_bytes(idx_bytes(images))
    (tmp_path / "labels").write_bytes(idx_bytes(np.array([7, 1])))
    part = read_idx_part(tmp_path / "images", tmp_path / "labels", len(shape))
    np.testing.assert_array_equal(part.images, images.astype(np.uint8))
    assert part.labels.tolist() == [7, 1]
    assert part.files == ["images:0", "images:1"]
    assert part.sizes.tolist() == [size, size]
    assert part.sizes.dtype == np.int32
