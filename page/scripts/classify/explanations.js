/** What an answer means, in sentences. */

import { count, percent } from "../format.js";
import { isNone, UNFAMILIAR, UNSURE } from "../inference/classifier.js";

/** @import { Model, Site } from "../types.d.ts" */
/** @import { Answer } from "../inference/classifier.js" */

/** @type {Record<Model["preparation"], string>} */
const SUITED = {
  published:
    "One object, whole, upright and from the front, on a plain background: light, dark or transparent. " +
    "It is trimmed, made smaller, and drawn light on black, as the training images are.",
  crop: "One object in the middle: the picture is cut to the shape of the training images.",
  pad: "One object, as large as the training images show it: the whole picture is made smaller.",
};

/**
 * Which pictures suit a network.
 *
 * @param {Model} model
 */
export const suited = (model) => SUITED[model.preparation];

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
 * Why an answer is no class, or nothing if it is one.
 *
 * @param {Answer} answer
 * @param {Model} model
 */
export function reason({ label, best, probabilities }, model) {
  const first = `${model.classes[best]} (${percent(probabilities[best])})`;
  if (label === UNFAMILIAR) {
    const others = percent(1 - model.false_alarm_rate);
    return `The best guess would be ${first}, but the picture is less like the training images than ${others} of the validation images are.`;
  }
  if (label === UNSURE) {
    return `The first guess is ${first}, but an answer needs ${percent(model.unsure_below)}.`;
  }
  return "";
}

/**
 * An answer in a few words, as `fashion-predict` says it.
 *
 * @param {Answer} answer
 */
export function short({ label, best, probabilities }) {
  return isNone(label) ? label : `${label}, ${percent(probabilities[best])}`;
}
