/**
 * Occlusion maps: how far the probability of a class drops when a patch of the image is covered
 * (Zeiler and Fergus 2014, arXiv:1311.2901, section 4.2).
 */

/** @import { Classifier, Prediction } from "./classifier.js" */

const CELLS = 14; // along each edge, fewer if the image has fewer pixels
const PATCH = 1 / 4; // of each edge
const BATCH = 8; // few enough for the page to stay responsive
// The prediction of an image with more pixels takes about 0.1 seconds, so there are fewer.
const LARGE = 64 * 64;
const LARGE_CELLS = 5;
const LARGE_BATCH = 1;

/**
 * @typedef {object} Drops
 * @property {number[]} values drop of the probability with the patch on each cell, row by row
 * @property {number} rows
 * @property {number} columns
 */

/**
 * The drops of the probability of `prediction.top1`.
 *
 * @param {Classifier} classifier
 * @param {Uint8Array} image
 * @param {Prediction} prediction of the whole image
 * @param {object} options
 * @param {AbortSignal} options.signal rejects with its reason once it is aborted
 * @param {(fraction: number) => void} options.onProgress
 * @returns {Promise<Drops>}
 */
export async function occlusion(classifier, image, prediction, { signal, onProgress }) {
  const [height, width] = classifier.model.image_shape;
  const [cells, batch] = height * width > LARGE ? [LARGE_CELLS, LARGE_BATCH] : [CELLS, BATCH];
  const [rows, columns] = [Math.min(height, cells), Math.min(width, cells)];
  const fill = patchPixel(image, classifier.model);
  /** @type {number[]} */
  const values = [];
  while (values.length < rows * columns) {
    await new Promise((resolve) => setTimeout(resolve)); // lets the page handle events
    signal.throwIfAborted();
    const count = Math.min(batch, rows * columns - values.length);
    const images = new Uint8Array(count * image.length);
    for (let i = 0; i < count; i++) {
      const cell = values.length + i;
      const covered = images.subarray(i * image.length, (i + 1) * image.length);
      covered.set(image);
      const vertical = extent(Math.floor(cell / columns), rows, height);
      cover(covered, width, vertical, extent(cell % columns, columns, width), fill);
    }
    for (const { probabilities } of await classifier.predict(images, count)) {
      values.push(prediction.probabilities[prediction.top1] - probabilities[prediction.top1]);
    }
    onProgress(values.length / (rows * columns));
  }
  return { values, rows, columns };
}

/**
 * The pixel that covers a patch: the background of Fashion-MNIST, else the mean of the image.
 *
 * @param {Uint8Array} image
 * @param {Classifier["model"]} model
 */
export function patchPixel(image, model) {
  const channels = model.image_shape[2] ?? 1;
  const sums = new Array(channels).fill(0);
  if (model.preprocessing === "fashion_mnist") return sums;
  for (const [i, value] of image.entries()) sums[i % channels] += value;
  return sums.map((sum) => Math.round((sum * channels) / image.length));
}

/** @param {number} edge length of the image's edge in pixels */
export const patchEdge = (edge) => Math.max(1, Math.round(edge * PATCH));

/**
 * First pixel of the patch on a cell along an edge, and the pixel after its last.
 *
 * @param {number} cell
 * @param {number} cells
 * @param {number} edge in pixels
 */
function extent(cell, cells, edge) {
  const patch = patchEdge(edge);
  const start = Math.round(((cell + 0.5) * edge) / cells - patch / 2);
  return [Math.max(0, start), Math.min(edge, start + patch)];
}

/**
 * @param {Uint8Array} image changed in place
 * @param {number} width
 * @param {number[]} vertical
 * @param {number[]} horizontal
 * @param {number[]} fill
 */
function cover(image, width, [top, bottom], [left, right], fill) {
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) image.set(fill, (y * width + x) * fill.length);
  }
}
