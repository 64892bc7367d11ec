/** An image as an array, what can be wrong with one, and the arithmetic that kinds of preprocessing share. */

/**
 * @typedef {object} Pixels
 * @property {Uint8Array | Uint8ClampedArray} data row after row
 * @property {number} width
 * @property {number} height
 * @property {1 | 3 | 4} channels greyscale, RGB or RGBA (alpha not premultiplied)
 */

export const WHITE = 255;

/** An image that cannot be answered; its message is one line. */
export class ImageError extends Error {
  name = "ImageError";
}

/**
 * Throws a `ImageError` unless `pixels` have a size and channels that kinds of preprocessing take.
 *
 * @param {Pixels} pixels
 */
export function check({ width, height, channels }) {
  if (width && height && [1, 3, 4].includes(channels)) return;
  const shape = channels === 1 ? [height, width] : [height, width, channels];
  throw new ImageError(
    "expected uint8 [height, width], or with a last axis of 3 (RGB) or 4 (RGBA); " +
      `received uint8 [${shape.join(", ")}]`,
  );
}

/**
 * `a / b`, rounded half up, of integers: (2 * a + b) // (2 * b).
 *
 * Exact below 2 ** 53. The largest 2 * a + b are those of means: 64 million pixels of 255 make
 * 511 * 64e6, below 2 ** 35.
 *
 * @param {number} a
 * @param {number} b above 0
 */
export function rounded(a, b) {
  return Math.floor((2 * a + b) / (2 * b));
}

/**
 * The luma of a colour, as of ITU-R BT.601.
 *
 * @param {ArrayLike<number>} colours
 * @param {number} [at] where its red stands
 */
export function luma(colours, at = 0) {
  return rounded(299 * colours[at] + 587 * colours[at + 1] + 114 * colours[at + 2], 1000);
}

/**
 * The largest size with the proportions of `size` that fits into `into`, both [height, width].
 *
 * @param {number[]} size
 * @param {number[]} into
 */
export function fit([height, width], [rows, columns]) {
  return height * columns >= width * rows
    ? [rows, Math.max(1, rounded(width * rows, height))]
    : [Math.max(1, rounded(height * columns, width)), columns];
}
