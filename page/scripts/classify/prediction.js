/** From a file to its prediction, or to the one-line reason why there is none. */

import { Classifier } from "../inference/classifier.js";
import { decode } from "../inference/images.js";
import { fitInside, ImageError } from "../inference/pixels.js";
import { preprocess } from "../inference/preprocess.js";

/** @import { AnyNetwork } from "../types.d.ts" */
/** @import { OnProgress, Prediction } from "../inference/classifier.js" */
/** @import { Drops } from "../inference/occlusion.js" */
/** @import { Pixels } from "../inference/pixels.js" */

const THUMBNAIL = 160; // pixels of the longest edge

/**
 * @typedef {object} Predicted
 * @property {Classifier} classifier
 * @property {Uint8Array} image the input of the network
 * @property {Prediction} prediction
 * @property {ImageBitmap} thumbnail
 * @property {Drops} [drops] the occlusion map, once it is computed
 */

/** @typedef {{ error: string, isFinal: boolean }} Failed not final: another attempt may succeed */

/** @typedef {Predicted | Failed} Result */

/**
 * @param {File} file
 * @param {AnyNetwork} network
 * @param {OnProgress} onProgress
 * @returns {Promise<Result>}
 */
export async function predict(file, { model }, onProgress) {
  const loading = Classifier.load(model, onProgress);
  try {
    const pixels = await decode(file);
    const image = preprocess(pixels, model);
    const thumbnail = await reduce(pixels);
    const classifier = await loading;
    const [prediction] = await classifier.predict(image);
    return { classifier, image, prediction, thumbnail };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    return { error: message, isFinal: error instanceof ImageError };
  }
}

/** @param {Pixels} pixels in RGBA */
function reduce({ data, width, height }) {
  const [resizeHeight, resizeWidth] = fitInside([height, width], [THUMBNAIL, THUMBNAIL]);
  const image = new ImageData(/** @type {ImageDataArray} */ (data), width, height);
  return createImageBitmap(image, { resizeHeight, resizeWidth });
}
