/** The card of one image: the prediction, and what it rests on. */

import { byId, h } from "../dom.js";
import { bytes, percent } from "../format.js";
import { isNone } from "../inference/classifier.js";
import { toCanvas } from "../inference/images.js";
import { bars } from "./bars.js";
import { oodScale } from "./oodScale.js";
import { reason } from "./explanations.js";
import { nearest } from "./nearestImages.js";
import { occlusionMap } from "./occlusionMap.js";

/** @import { Network } from "../types.d.ts" */
/** @import { Entry } from "./queue.js" */
/** @import { Predicted } from "./prediction.js" */

let explaining = new AbortController();
/** @type {Element[] | undefined} what stands in the card before the first image */
let promises;

/**
 * Show an image in the card, whatever is known of it.
 *
 * @param {Entry} entry
 * @param {Network} network
 */
export function showAnswer(entry, network) {
  explaining.abort();
  explaining = new AbortController();
  const card = byId("prediction", HTMLElement);
  promises ??= [...card.children];
  card.setAttribute("aria-busy", String(!entry.result));
  card.replaceChildren(...content(entry, network));
}

/** Show in the card what stood there before the first image. */
export function clearAnswer() {
  explaining.abort();
  const card = byId("prediction", HTMLElement);
  card.setAttribute("aria-busy", "false");
  card.replaceChildren(...(promises ?? card.children));
}

/** Scroll to the card, where one would not see its beginning. */
export function reveal() {
  const card = byId("prediction", HTMLElement);
  const { top } = card.getBoundingClientRect();
  if (top < 0 || top > window.innerHeight / 4) card.scrollIntoView();
}

/**
 * Say in the card, if it waits for an prediction, how much is loaded for it.
 *
 * @param {number} loaded in bytes
 * @param {number} total
 */
export function showLoading(loaded, total) {
  const progress = document.querySelector("#prediction > progress");
  if (!(progress instanceof HTMLProgressElement)) return;
  progress.value = Math.min(1, loaded / total);
  progress.previousElementSibling?.replaceChildren(`Loading ${bytes(total)}, once…`);
}

/**
 * @param {Entry} entry
 * @param {Network} network
 */
function content({ file, url, result }, network) {
  const name = `${file.name}, ${network.name}`;
  const title = h("p", { class: "quiet file", title: name }, name);
  if (!result) return [title, h("h2", {}, "Looking…"), h("progress", { "aria-label": "Loading" })];
  if ("error" in result) {
    return [title, h("h2", {}, "No prediction"), h("p", { class: "error" }, result.error)];
  }
  const { prediction, classifier } = result;
  const why = reason(prediction, classifier.model);
  return [
    title,
    verdict(result),
    ...(why ? [h("p", {}, why)] : []),
    h(
      "div",
      { class: "views" },
      h(
        "figure",
        {},
        h("figcaption", {}, "The image"),
        h("div", { class: "frame" }, h("img", { src: url, alt: file.name })),
      ),
      seen(result),
      occlusionMap(result, explaining.signal),
    ),
    h(
      "div",
      { class: "evidence" },
      bars(prediction, classifier.model),
      h("div", {}, oodScale(prediction, classifier.model), nearest(prediction, classifier.model)),
    ),
  ];
}

/** @param {Predicted} result */
function verdict({ prediction }) {
  const { label, best, probabilities } = prediction;
  if (isNone(label)) return h("h2", { class: "verdict unsure" }, label);
  const probability = h("span", { class: "probability" }, percent(probabilities[best]));
  return h("h2", { class: "verdict" }, h("bdi", {}, label), " ", probability);
}

/** @param {Predicted} result */
function seen({ classifier, image }) {
  const { image_shape } = classifier.model;
  const [height, width] = image_shape;
  const canvas = h("canvas", { role: "img", "aria-label": "The image as prepared" });
  toCanvas(image, image_shape, canvas);
  return h(
    "figure",
    {},
    h("figcaption", {}, "What the model sees"),
    h("div", { class: "frame" }, canvas),
    h("p", { class: "quiet" }, `${width}×${height} pixels`),
  );
}
