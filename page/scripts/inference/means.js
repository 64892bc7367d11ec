/**
 * An image made smaller (or larger) by means: of whole blocks, or of equal areas.
 *
 * Each axis is divided into parts, and each place of a part has a share of it, in integers. Nothing
 * of an image is copied, so a large one takes no memory besides itself.
 */

import { rounded, WHITE } from "./pixels.js";

/** @import { Pixels } from "./pixels.js" */

/**
 * @typedef {object} Part of an axis
 * @property {number} first
 * @property {number[]} shares of the places from `first` on
 * @property {number} total their sum
 */

/**
 * Parts of `size` places; the last may be shorter.
 *
 * @param {number} length
 * @param {number} size
 * @returns {Part[]}
 */
export function blocks(length, size) {
  return Array.from({ length: Math.ceil(length / size) }, (_, block) => {
    const first = block * size;
    const total = Math.min(size, length - first);
    return { first, shares: Array(total).fill(1), total };
  });
}

/**
 * `count` equal parts of the `length` places from `start` on, in units of 1 / `count` of a place.
 *
 * @param {number} length
 * @param {number} count
 * @param {number} [start]
 * @returns {Part[]}
 */
export function equalParts(length, count, start = 0) {
  return Array.from({ length: count }, (_, part) => {
    const [from, to] = [part * length, (part + 1) * length];
    const first = Math.floor(from / count);
    const shares = [];
    for (let place = first; place * count < to; place++) {
      shares.push(Math.min((place + 1) * count, to) - Math.max(place * count, from));
    }
    return { first: start + first, shares, total: length };
  });
}

/**
 * The mean of each part of the rows in each part of the columns, in RGB on white.
 *
 * @param {Pixels} pixels
 * @param {Part[]} down
 * @param {Part[]} across
 * @returns {Pixels}
 */
export function means(pixels, down, across) {
  const data = new Uint8Array(3 * down.length * across.length);
  down.forEach(({ first, shares, total }, part) => {
    const sums = new Float64Array(3 * across.length);
    shares.forEach((share, place) => {
      addRow(sums, pixels, first + place, across, share);
    });
    sums.forEach((sum, i) => {
      data[part * sums.length + i] = rounded(sum, total * across[Math.floor(i / 3)].total);
    });
  });
  return { data, width: across.length, height: down.length, channels: 3 };
}

/**
 * The only loop over all pixels, so written for speed.
 *
 * @param {Float64Array} sums of each part, RGB
 * @param {Pixels} pixels
 * @param {number} y
 * @param {Part[]} across
 * @param {number} rowShare
 */
function addRow(sums, { data, width, channels }, y, across, rowShare) {
  const step = channels === 1 ? 0 : 1; // from red to green
  across.forEach(({ first, shares }, part) => {
    let [red, green, blue] = [0, 0, 0];
    let at = channels * (y * width + first);
    for (let place = 0; place < shares.length; place++, at += channels) {
      const alpha = channels === 4 ? data[at + 3] : WHITE;
      red += shares[place] * onWhite(data[at], alpha);
      green += shares[place] * onWhite(data[at + step], alpha);
      blue += shares[place] * onWhite(data[at + 2 * step], alpha);
    }
    sums[3 * part] += rowShare * red;
    sums[3 * part + 1] += rowShare * green;
    sums[3 * part + 2] += rowShare * blue;
  });
}

/**
 * (value * alpha + 255 * (255 - alpha) + 127) // 255, which rounds: there are no halves.
 *
 * @param {number} value
 * @param {number} alpha
 */
function onWhite(value, alpha) {
  return alpha === WHITE ? value : rounded(value * alpha + WHITE * (WHITE - alpha), WHITE);
}
