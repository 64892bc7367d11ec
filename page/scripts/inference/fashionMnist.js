/**
 * The preprocessing of Fashion-MNIST.
 *
 * The integer arithmetic is that of `fashion_predict/images/fashion_mnist.py`, whose docstring
 * specifies each step, so all pixels are equal.
 */

import { areaMeans, blocks } from "./areaMeans.js";
import { checkPixels, divideRounded, fitInside, ImageError, luma, WHITE } from "./pixels.js";

/** @import { Pixels } from "./pixels.js" */

const TRIM_EDGE = 146;
const THUMBNAIL_EDGE = 73;
const TRIM_DISTANCE = 487;
const LIGHT = 128;
const [CENTRE, BESIDE, DIAGONAL] = [424, -26, -16];

/**
 * The image as input of a model, with a background of 0. Throws an `ImageError` for a blank image.
 *
 * @param {Pixels} pixels
 * @param {number[]} shape [height, width]
 * @returns {Uint8Array}
 */
export function fashionMnist(pixels, shape) {
  checkPixels(pixels);
  const original = asOriginal(pixels, shape);
  if (original && backgroundOf(original)[0] < LIGHT) return new Uint8Array(original.data);
  const image = reduce(pixels, TRIM_EDGE);
  const background = backgroundOf(image);
  const garment = sample(reduce(trim(image, background), THUMBNAIL_EDGE), shape);
  return centre(normalise(sharpen(toGrey(garment)), luma(background)), shape);
}

/**
 * The grey values if `pixels` have the size of the model and are opaque and grey, else null.
 *
 * @param {Pixels} pixels
 * @param {number[]} shape
 * @returns {Pixels | null}
 */
function asOriginal({ data, width, height, channels }, shape) {
  if (height !== shape[0] || width !== shape[1]) return null;
  const values = new Uint8Array(width * height);
  for (let i = 0; i < values.length; i++) {
    const pixel = data.subarray(channels * i, channels * (i + 1));
    const [red, green = red, blue = red, alpha = WHITE] = pixel;
    if (green !== red || blue !== red || alpha !== WHITE) return null;
    values[i] = red;
  }
  return { data: values, width, height, channels: 1 };
}

/**
 * Means of blocks, so that no edge is longer than `edge`.
 *
 * @param {Pixels} pixels
 * @param {number} edge
 */
function reduce(pixels, edge) {
  const size = Math.ceil(Math.max(pixels.height, pixels.width) / edge);
  return areaMeans(pixels, blocks(pixels.height, size), blocks(pixels.width, size));
}

/**
 * The background colour: the median of the corners, so that one odd corner does not matter.
 *
 * @param {Pixels} image
 */
function backgroundOf({ data, width, height, channels }) {
  const corners = [0, width - 1, (height - 1) * width, height * width - 1];
  return Array.from({ length: channels }, (_, channel) => {
    const values = corners.map((corner) => data[channels * corner + channel]);
    values.sort((a, b) => a - b);
    return Math.floor((values[1] + values[2]) / 2);
  });
}

/**
 * @param {Pixels} image in RGB
 * @param {number[]} background
 */
function trim(image, background) {
  const { data, width, height } = image;
  let [top, bottom, left, right] = [height, 0, width, 0];
  for (let i = 0; i < width * height; i++) {
    const distance = background.reduce((sum, value, c) => sum + (data[3 * i + c] - value) ** 2, 0);
    if (distance <= TRIM_DISTANCE) continue;
    const [y, x] = [Math.floor(i / width), i % width];
    [top, bottom] = [Math.min(top, y), Math.max(bottom, y + 1)];
    [left, right] = [Math.min(left, x), Math.max(right, x + 1)];
  }
  if (top === height) {
    throw new ImageError(
      "nothing on a plain background: every pixel has about the corners' colour",
    );
  }
  return take(image, range(top, bottom), range(left, right));
}

/**
 * Skip or repeat rows and columns until the image fits into `shape`.
 *
 * @param {Pixels} image
 * @param {number[]} shape
 */
function sample(image, shape) {
  const [rows, columns] = fitInside([image.height, image.width], shape);
  return take(image, evenIndices(image.height, rows), evenIndices(image.width, columns));
}

/**
 * @param {number} length
 * @param {number} count
 */
function evenIndices(length, count) {
  return range(0, count).map((i) => Math.floor(((2 * i + 1) * length) / (2 * count)));
}

/**
 * @param {number} start
 * @param {number} stop
 */
function range(start, stop) {
  return Array.from({ length: stop - start }, (_, i) => start + i);
}

/**
 * These rows and columns of an RGB image.
 *
 * @param {Pixels} image
 * @param {number[]} rows
 * @param {number[]} columns
 * @returns {Pixels}
 */
function take({ data, width }, rows, columns) {
  const pixel = (/** @type {number} */ i) => [...data.subarray(3 * i, 3 * i + 3)];
  const taken = rows.flatMap((y) => columns.flatMap((x) => pixel(y * width + x)));
  return { data: new Uint8Array(taken), width: columns.length, height: rows.length, channels: 3 };
}

/**
 * @param {Pixels} image in RGB
 * @returns {Pixels}
 */
function toGrey({ data, width, height }) {
  const values = new Uint8Array(width * height).map((_, i) => luma(data, 3 * i));
  return { data: values, width, height, channels: 1 };
}

/**
 * @param {Pixels} image in greyscale
 * @returns {Pixels}
 */
function sharpen({ data, width, height }) {
  const at = (/** @type {number} */ y, /** @type {number} */ x) =>
    data[Math.min(Math.max(y, 0), height - 1) * width + Math.min(Math.max(x, 0), width - 1)];
  const sharp = new Uint8ClampedArray(data.length);
  for (let i = 0; i < data.length; i++) {
    const [y, x] = [Math.floor(i / width), i % width];
    const beside = at(y - 1, x) + at(y + 1, x) + at(y, x - 1) + at(y, x + 1);
    const diagonal = at(y - 1, x - 1) + at(y - 1, x + 1) + at(y + 1, x - 1) + at(y + 1, x + 1);
    sharp[i] = divideRounded(CENTRE * data[i] + BESIDE * beside + DIAGONAL * diagonal, 256);
  }
  return { data: sharp, width, height, channels: 1 };
}

/**
 * Turn the background into 0, and other values into their contrast with it.
 *
 * @param {Pixels} image in greyscale
 * @param {number} background
 * @returns {Pixels}
 */
function normalise(image, background) {
  const values = Array.from(image.data);
  const darker = values.map((value) => Math.max(background - value, 0));
  const lighter = values.map((value) => Math.max(value - background, 0));
  const [dark, light] = [darker, lighter].map((side) => side.reduce((sum, value) => sum + value));
  if (!dark && !light) {
    throw new ImageError("nothing on a plain background: its grey is that of the background");
  }
  const [contrast, scale] = dark >= light ? [darker, background] : [lighter, WHITE - background];
  const data = new Uint8Array(contrast.map((value) => divideRounded(WHITE * value, scale)));
  return { ...image, data };
}

/**
 * @param {Pixels} image in greyscale
 * @param {number[]} shape
 */
function centre({ data, width, height }, [rows, columns]) {
  const canvas = new Uint8Array(rows * columns);
  const top = Math.floor(rows / 2) - Math.floor(height / 2);
  const left = Math.floor(columns / 2) - Math.floor(width / 2);
  for (let y = 0; y < height; y++) {
    canvas.set(data.subarray(y * width, (y + 1) * width), (top + y) * columns + left);
  }
  return canvas;
}
