/**
 * Resizes an image by means over areas of it.
 *
 * Each axis is divided into segments, and each pixel of a segment has an integer weight. The image
 * is not copied, so a large one needs no additional memory.
 */

import { divideRounded, WHITE } from "./pixels.js";

/** @import { Pixels } from "./pixels.js" */

/**
 * @typedef {object} Segment of an axis
 * @property {number} first
 * @property {number[]} weights of the pixels from `first` on
 * @property {number} total sum of the weights
 */

/**
 * Segments of `size` whole pixels; the last one may be shorter.
 *
 * @param {number} length
 * @param {number} size
 * @returns {Segment[]}
 */
export function blocks(length, size) {
  return Array.from({ length: Math.ceil(length / size) }, (_, block) => {
    const first = block * size;
    const total = Math.min(size, length - first);
    return { first, weights: Array(total).fill(1), total };
  });
}

/**
 * `count` equal segments of the `length` pixels from `start` on. Weights are in units of
 * 1 / `count` of a pixel.
 *
 * @param {number} length
 * @param {number} count
 * @param {number} [start]
 * @returns {Segment[]}
 */
export function equalSegments(length, count, start = 0) {
  return Array.from({ length: count }, (_, segment) => {
    const [from, to] = [segment * length, (segment + 1) * length];
    const first = Math.floor(from / count);
    const weights = [];
    for (let pixel = first; pixel * count < to; pixel++) {
      weights.push(Math.min((pixel + 1) * count, to) - Math.max(pixel * count, from));
    }
    return { first: start + first, weights, total: length };
  });
}

/**
 * The mean colour of each area on a white background, in RGB.
 *
 * @param {Pixels} pixels
 * @param {Segment[]} rows
 * @param {Segment[]} columns
 * @returns {Pixels}
 */
export function areaMeans(pixels, rows, columns) {
  const data = new Uint8Array(3 * rows.length * columns.length);
  rows.forEach(({ first, weights, total }, row) => {
    const sums = new Float64Array(3 * columns.length);
    weights.forEach((weight, y) => {
      addRow(sums, pixels, first + y, columns, weight);
    });
    sums.forEach((sum, i) => {
      data[row * sums.length + i] = divideRounded(sum, total * columns[Math.floor(i / 3)].total);
    });
  });
  return { data, width: columns.length, height: rows.length, channels: 3 };
}

/**
 * The only loop over all pixels, so it is written for speed.
 *
 * @param {Float64Array} sums RGB of each column
 * @param {Pixels} pixels
 * @param {number} y
 * @param {Segment[]} columns
 * @param {number} rowWeight
 */
function addRow(sums, { data, width, channels }, y, columns, rowWeight) {
  const step = channels === 1 ? 0 : 1; // from red to green, and from green to blue
  columns.forEach(({ first, weights }, column) => {
    let [red, green, blue] = [0, 0, 0];
    let i = channels * (y * width + first);
    for (let x = 0; x < weights.length; x++, i += channels) {
      const alpha = channels === 4 ? data[i + 3] : WHITE;
      red += weights[x] * onWhite(data[i], alpha);
      green += weights[x] * onWhite(data[i + step], alpha);
      blue += weights[x] * onWhite(data[i + 2 * step], alpha);
    }
    sums[3 * column] += rowWeight * red;
    sums[3 * column + 1] += rowWeight * green;
    sums[3 * column + 2] += rowWeight * blue;
  });
}

/**
 * (value * alpha + 255 * (255 - alpha) + 127) // 255; `divideRounded` is the same, as there are no halves.
 *
 * @param {number} value
 * @param {number} alpha
 */
function onWhite(value, alpha) {
  return alpha === WHITE ? value : divideRounded(value * alpha + WHITE * (WHITE - alpha), WHITE);
}
