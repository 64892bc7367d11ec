/** The training images that an image is nearest to. */

import { h } from "../dom.js";
import { count } from "../format.js";
import { readTrainingImages } from "../site.js";
import { tile } from "../sprites.js";

/** @import { Model, TrainingImages } from "../types.d.ts" */
/** @import { Prediction } from "../inference/classifier.js" */

/**
 * Filled as soon as the training images are known.
 *
 * @param {Prediction} prediction
 * @param {Model} model
 */
export function nearest({ neighbours }, model) {
  const content = h("div", {}, h("p", { class: "quiet" }, "Loading…"));
  readTrainingImages().then(
    (images) => content.replaceChildren(...describe(neighbours, images, model.classes)),
    (error) => content.replaceChildren(h("p", { class: "error" }, error.message)),
  );
  return h("section", {}, h("h3", {}, "Nearest training images"), content);
}

/**
 * @param {number[]} rows of the training set
 * @param {TrainingImages} images
 * @param {string[]} classes
 */
function describe(rows, images, classes) {
  const tiles = rows.map((row) => {
    const place = images.rows.indexOf(row);
    const name = h("bdi", {}, classes[images.labels[place]]);
    return h("li", {}, tile(images.sheet, place, ""), name);
  });
  return [
    h("ol", { class: "neighbours" }, ...tiles),
    h(
      "p",
      { class: "quiet" },
      `The ${rows.length} nearest of the ${count(images.rows.length)} kept, by their features.`,
    ),
  ];
}
