/** From an image of any size to the input of a model. */

import { fashionMnist } from "./fashionMnist.js";
import { crop, pad } from "./resizing.js";

/** @import { Model } from "../types.d.ts" */
/** @import { Pixels } from "./pixels.js" */

const PREPROCESSING = { fashion_mnist: fashionMnist, crop, pad };

/**
 * @param {Pixels} pixels
 * @param {Pick<Model, "preprocessing" | "image_shape">} model
 * @returns {Uint8Array} of `model.image_shape`; throws an `ImageError` if the image is blank
 */
export function preprocess(pixels, model) {
  return PREPROCESSING[model.preprocessing](pixels, model.image_shape);
}
