/** A picture as a model takes it: the preparation that its training images had. */

import { published } from "./preparation.js";
import { crop, pad } from "./resizing.js";

/** @import { Model } from "../types.d.ts" */
/** @import { Pixels } from "./pixels.js" */

const PREPARATIONS = { published, crop, pad };

/**
 * An image of `model.image_shape`; throws a `PictureError` for a picture that shows nothing.
 *
 * @param {Pixels} pixels
 * @param {Pick<Model, "preparation" | "image_shape">} model
 * @returns {Uint8Array}
 */
export function prepare(pixels, model) {
  return PREPARATIONS[model.preparation](pixels, model.image_shape);
}
