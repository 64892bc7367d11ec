/**
 * The kinds of preprocessing that are not Fashion-MNIST's own: an image as it is, brought to a size.
 *
 * The same integer arithmetic as `fashion_predict/images/resizing.py`, whose docstring specifies each
 * step: the pixels are equal to the last bit.
 */

import { equalParts, means } from "./means.js";
import { check, fit, luma } from "./pixels.js";

/** @import { Pixels } from "./pixels.js" */

/**
 * The middle of the image that has the proportions of `shape`.
 *
 * @param {Pixels} pixels
 * @param {number[]} shape [height, width], or [height, width, 3] in colour
 * @returns {Uint8Array}
 */
export function crop(pixels, shape) {
  check(pixels);
  const [height, width] = fit(shape, [pixels.height, pixels.width]);
  const down = equalParts(height, shape[0], margin(pixels.height, height));
  const across = equalParts(width, shape[1], margin(pixels.width, width));
  return finish(means(pixels, down, across).data, shape);
}

/**
 * The whole image, in the middle of the colour of its border.
 *
 * @param {Pixels} pixels
 * @param {number[]} shape [height, width], or [height, width, 3] in colour
 * @returns {Uint8Array}
 */
export function pad(pixels, shape) {
  check(pixels);
  const [height, width] = fit([pixels.height, pixels.width], shape);
  const image = means(pixels, equalParts(pixels.height, height), equalParts(pixels.width, width));
  const [top, left] = [margin(shape[0], height), margin(shape[1], width)];
  const border = borderOf(image);
  const canvas = new Uint8Array(3 * shape[0] * shape[1]).map((_, i) => border[i % 3]);
  for (let y = 0; y < height; y++) {
    const row = image.data.subarray(3 * y * width, 3 * (y + 1) * width);
    canvas.set(row, 3 * ((top + y) * shape[1] + left));
  }
  return finish(canvas, shape);
}

/**
 * @param {number} whole
 * @param {number} part
 */
function margin(whole, part) {
  return Math.floor((whole - part) / 2);
}

/**
 * The median colour of the outermost pixels; those of an only row or column count twice.
 *
 * @param {Pixels} image in RGB
 */
function borderOf({ data, width, height }) {
  /** @type {number[]} */
  const places = [];
  for (let x = 0; x < width; x++) places.push(x, (height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) places.push(y * width, (y + 1) * width - 1);
  return [0, 1, 2].map((channel) => {
    const values = places.map((place) => data[3 * place + channel]).sort((a, b) => a - b);
    return values[Math.floor((values.length - 1) / 2)];
  });
}

/**
 * In greyscale if the image of `shape` is.
 *
 * @param {Uint8Array | Uint8ClampedArray} colours
 * @param {number[]} shape
 */
function finish(colours, shape) {
  if (shape.length === 3) return new Uint8Array(colours);
  return new Uint8Array(colours.length / 3).map((_, i) => luma(colours, 3 * i));
}
