/** From a picture to what the network says of it, or to the one line that says why it cannot. */

import { Classifier } from "../inference/classifier.js";
import { decode } from "../inference/pictures.js";
import { PictureError } from "../inference/pixels.js";
import { prepare } from "../inference/prepare.js";

/** @import { Network } from "../types.d.ts" */
/** @import { Answer } from "../inference/classifier.js" */
/** @import { Drops } from "../inference/occlusion.js" */

/**
 * @typedef {object} Answered
 * @property {Classifier} classifier
 * @property {Uint8Array} image what the network saw
 * @property {Answer} answer
 * @property {Drops} [drops] what mattered, once it is known
 */

/** @typedef {Answered | { error: string }} Outcome */

/** @type {Map<string, Promise<Classifier>>} */
const loaded = new Map();

/**
 * @param {File} file
 * @param {Network} network
 * @returns {Promise<Outcome>}
 */
export async function answerTo(file, network) {
  const loading = load(network);
  try {
    const image = prepare(await decode(file), network.model);
    const classifier = await loading;
    const [answer] = await classifier.classify(image);
    return { classifier, image, answer };
  } catch (error) {
    const { message } = /** @type {Error} */ (error);
    return { error: error instanceof PictureError ? `${file.name}: ${message}` : message };
  }
}

/**
 * @param {Network} network
 * @returns {Promise<Classifier>}
 */
function load({ name, model }) {
  let classifier = loaded.get(name);
  if (!classifier) {
    classifier = Classifier.load(model);
    classifier.catch(() => loaded.delete(name)); // so that the next picture asks again
    loaded.set(name, classifier);
  }
  return classifier;
}
