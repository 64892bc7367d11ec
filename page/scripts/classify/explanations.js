/** Predictions in words. */

import { percent } from "../format.js";

/** @import { Model } from "../types.d.ts" */
/** @import { Prediction } from "../inference/classifier.js" */
/** @import { Result } from "./prediction.js" */

export const OOD = "none of the classes";
export const UNCERTAIN = "not sure";

/** @type {Record<Model["preprocessing"], string>} */
const SUITABLE = {
  fashion_mnist:
    "One object, whole, upright and from the front, on a plain background. The image is trimmed, " +
    "reduced and drawn light on black, like the training images.",
  crop: "One object in the middle. The image is cropped to the proportions of the training images.",
  pad: "One object, about as large as in the training images. The whole image is reduced.",
};

/**
 * Which images suit a model.
 *
 * @param {Model} model
 */
export const suitableImages = (model) => SUITABLE[model.preprocessing];

/** @param {Prediction} prediction */
export const headline = ({ label, isOod }) => label ?? (isOod ? OOD : UNCERTAIN);

/** @param {Prediction} prediction */
export const confidence = ({ probabilities, top1 }) => percent(probabilities[top1]);

/** @param {Result} result */
export function describeResult(result) {
  if ("error" in result) return result.error;
  const { prediction } = result;
  return prediction.label ? `${prediction.label}, ${confidence(prediction)}` : headline(prediction);
}

/**
 * Why a prediction has no label; empty if it has one.
 *
 * @param {Prediction} prediction
 * @param {Model} model
 */
export function reason(prediction, model) {
  const top1 = `The most probable class is ${model.classes[prediction.top1]} (${confidence(prediction)})`;
  if (prediction.isOod) {
    const others = percent(1 - model.target_fpr);
    return `${top1}, but the image is less like the training images than ${others} of the validation images.`;
  }
  return prediction.isUncertain ? `${top1}, which is below ${percent(model.min_confidence)}.` : "";
}
