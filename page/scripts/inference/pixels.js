/** Images as arrays, and the arithmetic that all preprocessing shares. */

/**
 * @typedef {object} Pixels
 * @property {Uint8Array | Uint8ClampedArray} data row by row
 * @property {number} width
 * @property {number} height
 * @property {1 | 3 | 4} channels greyscale, RGB or RGBA (alpha not premultiplied)
 */

export const WHITE = 255;

/** An image that cannot be read or preprocessed; the message is one line. */
export class ImageError extends Error {
  name = "ImageError";
}

/**
 * Throw an `ImageError` unless the pixels have a size and 1, 3 or 4 channels.
 *
 * @param {Pixels} pixels
 */
export function checkPixels({ width, height, channels }) {
  if (width && height && [1, 3, 4].includes(channels)) return;
  const shape = channels === 1 ? [height, width] : [height, width, channels];
  throw new ImageError(
    "expected uint8 [height, width], or with a last axis of 3 (RGB) or 4 (RGBA); " +
      `received uint8 [${shape.join(", ")}]`,
  );
}

/**
 * `a / b` for integers, rounded half up: (2 * a + b) // (2 * b).
 *
 * Exact below 2 ** 53. The largest value of 2 * a + b is that of the mean of 64 million pixels of
 * 255: 511 * 64e6, which is below 2 ** 35.
 *
 * @param {number} a
 * @param {number} b above 0
 */
export function divideRounded(a, b) {
  return Math.floor((2 * a + b) / (2 * b));
}

/**
 * The luma of an RGB colour (ITU-R BT.601).
 *
 * @param {ArrayLike<number>} data
 * @param {number} [offset] index of the red value
 */
export function luma(data, offset = 0) {
  return divideRounded(299 * data[offset] + 587 * data[offset + 1] + 114 * data[offset + 2], 1000);
}

/**
 * The largest size with the proportions of `size` that fits into `target`, both [height, width].
 *
 * @param {number[]} size
 * @param {number[]} target
 */
export function fitInside([height, width], [rows, columns]) {
  return height * columns >= width * rows
    ? [rows, Math.max(1, divideRounded(width * rows, height))]
    : [Math.max(1, divideRounded(height * columns, width)), columns];
}
