/**
 * Preprocessing by `crop` and `pad`.
 *
 * The integer arithmetic is that of `fashion_predict/images/resizing.py`, whose docstring specifies
 * each step, so all pixels are equal.
 */

import { areaMeans, equalSegments } from "./areaMeans.js";
import { checkPixels, fitInside, luma } from "./pixels.js";

/** @import { Pixels } from "./pixels.js" */

/**
 * The central part of the image that has the proportions of `shape`.
 *
 * @param {Pixels} pixels
 * @param {number[]} shape [height, width] or [height, width, 3]
 * @returns {Uint8Array}
 */
export function crop(pixels, shape) {
  checkPixels(pixels);
  const [height, width] = fitInside(shape, [pixels.height, pixels.width]);
  const rows = equalSegments(height, shape[0], margin(pixels.height, height));
  const columns = equalSegments(width, shape[1], margin(pixels.width, width));
  return toChannels(areaMeans(pixels, rows, columns).data, shape);
}

/**
 * The whole image, padded with the colour of its border.
 *
 * @param {Pixels} pixels
 * @param {number[]} shape [height, width] or [height, width, 3]
 * @returns {Uint8Array}
 */
export function pad(pixels, shape) {
  checkPixels(pixels);
  const [height, width] = fitInside([pixels.height, pixels.width], shape);
  const rows = equalSegments(pixels.height, height);
  const image = areaMeans(pixels, rows, equalSegments(pixels.width, width));
  const [top, left] = [margin(shape[0], height), margin(shape[1], width)];
  const border = borderOf(image);
  const canvas = new Uint8Array(3 * shape[0] * shape[1]).map((_, i) => border[i % 3]);
  for (let y = 0; y < height; y++) {
    const row = image.data.subarray(3 * y * width, 3 * (y + 1) * width);
    canvas.set(row, 3 * ((top + y) * shape[1] + left));
  }
  return toChannels(canvas, shape);
}

/**
 * @param {number} outer
 * @param {number} inner
 */
function margin(outer, inner) {
  return Math.floor((outer - inner) / 2);
}

/**
 * The median colour of the outermost pixels. An only row or column counts twice.
 *
 * @param {Pixels} image in RGB
 */
function borderOf({ data, width, height }) {
  /** @type {number[]} */
  const pixels = [];
  for (let x = 0; x < width; x++) pixels.push(x, (height - 1) * width + x);
  for (let y = 1; y < height - 1; y++) pixels.push(y * width, (y + 1) * width - 1);
  return [0, 1, 2].map((channel) => {
    const values = pixels.map((pixel) => data[3 * pixel + channel]).sort((a, b) => a - b);
    return values[Math.floor((values.length - 1) / 2)];
  });
}

/**
 * @param {Uint8Array | Uint8ClampedArray} rgb
 * @param {number[]} shape
 */
function toChannels(rgb, shape) {
  if (shape.length === 3) return new Uint8Array(rgb);
  return new Uint8Array(rgb.length / 3).map((_, i) => luma(rgb, 3 * i));
}
