/** From an image to what the network says of it, or to the one line that says why it cannot. */

import { Classifier } from "../inference/classifier.js";
import { decode } from "../inference/images.js";
import { fit, ImageError } from "../inference/pixels.js";
import { prepare } from "../inference/preprocess.js";

/** @import { Network } from "../types.d.ts" */
/** @import { Prediction, OnProgress } from "../inference/classifier.js" */
/** @import { Drops } from "../inference/occlusion.js" */
/** @import { Pixels } from "../inference/pixels.js" */

const THUMBNAIL = 160; // pixels of the longest edge

/**
 * @typedef {object} Predicted
 * @property {Classifier} classifier
 * @property {Uint8Array} image what the network saw
 * @property {Prediction} prediction
 * @property {ImageBitmap} thumbnail
 * @property {Drops} [drops] what mattered, once it is known
 */

/**
 * @typedef {object} Failed
 * @property {string} error one line
 * @property {boolean} final it is the image's, and would come again
 */

/** @typedef {Predicted | Failed} Result */

/**
 * @param {File} file
 * @param {Network} network
 * @param {OnProgress} onProgress of what is loaded, if anything is
 * @returns {Promise<Result>}
 */
export async function predict(file, { model }, onProgress) {
  const loading = Classifier.load(model, onProgress);
  try {
    const pixels = await decode(file);
    const image = prepare(pixels, model);
    const thumbnail = await reduce(pixels);
    const classifier = await loading;
    const [prediction] = await classifier.predict(image);
    return { classifier, image, prediction, thumbnail };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    return { error: message, final: error instanceof ImageError };
  }
}

/**
 * The whole image, small.
 *
 * @param {Pixels} pixels in RGBA
 */
function reduce({ data, width, height }) {
  const [resizeHeight, resizeWidth] = fit([height, width], [THUMBNAIL, THUMBNAIL]);
  const image = new ImageData(/** @type {ImageDataArray} */ (data), width, height);
  return createImageBitmap(image, { resizeHeight, resizeWidth });
}
