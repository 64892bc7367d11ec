/**
 * What mattered: how far the probability of a class falls when a patch of the image is covered
 * (Zeiler and Fergus 2014, arXiv:1311.2901, section 4.2).
 */

/** @import { Prediction, Classifier } from "./classifier.js" */

const CELLS = 14; // along each edge, or fewer where the image has fewer pixels
const PATCH = 1 / 4; // of each edge
const BATCH = 8; // so few that the page predictions between two of them

/**
 * @typedef {object} Drops
 * @property {number[]} values what the probability falls by with the patch on each cell, by rows
 * @property {number} rows
 * @property {number} columns
 */

/**
 * The fall of the probability of `prediction.best` for a patch on each cell of a grid.
 *
 * @param {Classifier} classifier
 * @param {Uint8Array} image
 * @param {Prediction} prediction what the classifier says of the image
 * @param {object} options
 * @param {AbortSignal} options.signal rejects with its reason once it is aborted
 * @param {(fraction: number) => void} options.onProgress
 * @returns {Promise<Drops>}
 */
export async function occlusion(classifier, image, prediction, { signal, onProgress }) {
  const [height, width] = classifier.model.image_shape;
  const [rows, columns] = [Math.min(height, CELLS), Math.min(width, CELLS)];
  const cover = coverOf(image, classifier.model);
  /** @type {number[]} */
  const values = [];
  while (values.length < rows * columns) {
    await new Promise((resolve) => setTimeout(resolve)); // events of the page come first
    signal.throwIfAborted();
    const count = Math.min(BATCH, rows * columns - values.length);
    const images = new Uint8Array(count * image.length);
    for (let place = 0; place < count; place++) {
      const cell = values.length + place;
      const covered = images.subarray(place * image.length, (place + 1) * image.length);
      covered.set(image);
      const vertical = span(Math.floor(cell / columns), rows, height);
      coverPatch(covered, width, vertical, span(cell % columns, columns, width), cover);
    }
    for (const { probabilities } of await classifier.predict(images, count)) {
      values.push(prediction.probabilities[prediction.best] - probabilities[prediction.best]);
    }
    onProgress(values.length / (rows * columns));
  }
  return { values, rows, columns };
}

/**
 * The pixel that covers: the background of published images, else the mean of the image.
 *
 * @param {Uint8Array} image
 * @param {Classifier["model"]} model
 */
export function coverOf(image, model) {
  const channels = model.image_shape[2] ?? 1;
  const sums = new Array(channels).fill(0);
  if (model.preprocessing === "fashion_mnist") return sums;
  for (const [place, value] of image.entries()) sums[place % channels] += value;
  return sums.map((sum) => Math.round((sum * channels) / image.length));
}

/** @param {number} edge of the image, in pixels */
export const patchOf = (edge) => Math.max(1, Math.round(edge * PATCH));

/**
 * From where to where along an edge the patch on a cell reaches.
 *
 * @param {number} cell
 * @param {number} cells
 * @param {number} edge in pixels
 */
function span(cell, cells, edge) {
  const patch = patchOf(edge);
  const start = Math.round(((cell + 0.5) * edge) / cells - patch / 2);
  return [Math.max(0, start), Math.min(edge, start + patch)];
}

/**
 * @param {Uint8Array} image changed in place
 * @param {number} width
 * @param {number[]} vertical
 * @param {number[]} horizontal
 * @param {number[]} pixel
 */
function coverPatch(image, width, [top, bottom], [left, right], pixel) {
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) image.set(pixel, (y * width + x) * pixel.length);
  }
}
