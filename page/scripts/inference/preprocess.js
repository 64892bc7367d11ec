/** An image as a model takes it: the preprocessing that its training images had. */

import { published } from "./fashionMnist.js";
import { crop, pad } from "./resizing.js";

/** @import { Model } from "../types.d.ts" */
/** @import { Pixels } from "./pixels.js" */

const PREPROCESSING = { published, crop, pad };

/**
 * An image of `model.image_shape`; throws a `ImageError` for an image that shows nothing.
 *
 * @param {Pixels} pixels
 * @param {Pick<Model, "preprocessing" | "image_shape">} model
 * @returns {Uint8Array}
 */
export function prepare(pixels, model) {
  return PREPROCESSING[model.preprocessing](pixels, model.image_shape);
}
