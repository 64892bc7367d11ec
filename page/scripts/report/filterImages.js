/** Which test images a view asks for. */

/** @import { NetworkReport } from "../types.d.ts" */
/** @import { View } from "./view.js" */

/**
 * Places of images among those of the test set, in the order asked for.
 *
 * @param {NetworkReport["predictions"]} predictions
 * @param {View} view
 * @param {string[]} classes
 */
export function filterImages({ actual, predicted, confidence }, view, classes) {
  // Confidences have four decimals: as whole numbers, they compare exactly.
  const [from, to] = [Math.round(view.from * 100), Math.round(view.to * 100)];
  const [label, prediction] = [classes.indexOf(view.actual), classes.indexOf(view.predicted)];
  const found = [...actual.keys()].filter(
    (image) =>
      (label < 0 || actual[image] === label) &&
      (prediction < 0 || predicted[image] === prediction) &&
      (view.show === "all" || (actual[image] === predicted[image]) === (view.show === "right")) &&
      Math.round(confidence[image] * 1e4) >= from &&
      Math.round(confidence[image] * 1e4) <= to,
  );
  const sign = { most: -1, least: 1 }[view.order];
  return sign ? found.sort((a, b) => sign * (confidence[a] - confidence[b])) : found;
}
