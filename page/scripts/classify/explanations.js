/** What an prediction means, in sentences. */

import { count, percent } from "../format.js";
import { isNone, OOD, UNCERTAIN } from "../inference/classifier.js";

/** @import { Model, Site } from "../types.d.ts" */
/** @import { Prediction } from "../inference/classifier.js" */

/** @type {Record<Model["preprocessing"], string>} */
const SUITED = {
  published:
    "One object, whole, upright and from the front, on a plain background: light, dark or transparent. " +
    "It is trimmed, made smaller, and drawn light on black, as the training images are.",
  crop: "One object in the middle: the image is cut to the shape of the training images.",
  pad: "One object, as large as the training images show it: the whole image is made smaller.",
};

/**
 * Which images suit a network.
 *
 * @param {Model} model
 */
export const suited = (model) => SUITED[model.preprocessing];

/**
 * What the networks were trained on.
 *
 * @param {Site} site
 */
export function trainedOn({ data }) {
  const { classes, images, name } = data;
  return `Trained on ${count(images.training)} images of ${name}, in ${classes.length} classes.`;
}

/**
 * Why an prediction is no class, or nothing if it is one.
 *
 * @param {Prediction} prediction
 * @param {Model} model
 */
export function reason({ label, best, probabilities }, model) {
  const first = `${model.classes[best]} (${percent(probabilities[best])})`;
  if (label === OOD) {
    const others = percent(1 - model.target_fpr);
    return `The best guess would be ${first}, but the image is less like the training images than ${others} of the validation images are.`;
  }
  if (label === UNCERTAIN) {
    return `The first guess is ${first}, but an prediction needs ${percent(model.min_confidence)}.`;
  }
  return "";
}

/**
 * An prediction in a few words, as `fashion-predict` says it.
 *
 * @param {Prediction} prediction
 */
export function short({ label, best, probabilities }) {
  return isNone(label) ? label : `${label}, ${percent(probabilities[best])}`;
}
