/** The training images that are most similar to an image. */

import { h } from "../dom.js";
import { formatCount } from "../format.js";
import { readReferenceImages } from "../site.js";
import { sprite } from "../sprites.js";

/** @import { Model, ReferenceImages } from "../types.d.ts" */
/** @import { Prediction } from "../inference/classifier.js" */

/**
 * A section that is filled when the reference images have loaded.
 *
 * @param {Prediction} prediction
 * @param {Model} model
 */
export function nearestImages({ referenceIndices }, { classes }) {
  const content = h("div", {}, h("p", { class: "quiet" }, "Loading…"));
  readReferenceImages().then(
    (references) => content.replaceChildren(...show(referenceIndices, references, classes)),
    (error) => content.replaceChildren(h("p", { class: "error" }, error.message)),
  );
  return h("section", {}, h("h3", {}, "Most similar training images"), content);
}

/**
 * @param {number[]} nearest indices among the training images
 * @param {ReferenceImages} references
 * @param {string[]} classes
 */
function show(nearest, { indices, labels, sprites }, classes) {
  const items = nearest.map((trainingIndex) => {
    const index = indices.indexOf(trainingIndex);
    return h("li", {}, sprite(sprites, index), h("bdi", {}, classes[labels[index]]));
  });
  const text = `The ${nearest.length} with the most similar features, of ${formatCount(indices.length)}.`;
  return [h("ol", { class: "nearest" }, ...items), h("p", { class: "quiet" }, text)];
}
