/** The card of one image: its prediction and the evidence for it. */

import { byId, h } from "../dom.js";
import { formatBytes } from "../format.js";
import { paint } from "../inference/images.js";
import { bars } from "./bars.js";
import { confidence, headline, reason } from "./explanations.js";
import { nearestImages } from "./nearestImages.js";
import { photoAdvice } from "./networks.js";
import { occlusionMap } from "./occlusionMap.js";
import { oodScale } from "./oodScale.js";

/** @import { Prediction } from "../inference/classifier.js" */
/** @import { AnyNetwork } from "../types.d.ts" */
/** @import { Predicted } from "./prediction.js" */
/** @import { Entry } from "./queue.js" */

let occlusionController = new AbortController();
/** @type {Element[] | undefined} the content of the card before the first image */
let introduction;

/**
 * Fill the card with what is known of an image so far.
 *
 * @param {Entry} entry
 * @param {AnyNetwork} network
 */
export function showResult(entry, network) {
  occlusionController.abort();
  occlusionController = new AbortController();
  const card = byId("prediction");
  introduction ??= [...card.children];
  card.setAttribute("aria-busy", String(!entry.result));
  card.replaceChildren(...content(entry, network));
}

/** Restore the introduction. */
export function clearResult() {
  occlusionController.abort();
  const card = byId("prediction");
  card.setAttribute("aria-busy", "false");
  card.replaceChildren(...(introduction ?? card.children));
}

/** Scroll to the card unless its top is in view. */
export function scrollToResult() {
  const card = byId("prediction");
  const { top } = card.getBoundingClientRect();
  if (top < 0 || top > window.innerHeight / 4) card.scrollIntoView();
}

/**
 * Show the progress of loading in a card that waits for it.
 *
 * @param {number} loaded in bytes
 * @param {number} total
 */
export function showProgress(loaded, total) {
  const progress = document.querySelector("#prediction > progress");
  if (!(progress instanceof HTMLProgressElement)) return;
  progress.value = Math.min(1, loaded / total);
  progress.previousElementSibling?.replaceChildren(`Loading ${formatBytes(total)} once…`);
}

/**
 * @param {Entry} entry
 * @param {AnyNetwork} network
 */
function content({ file, url, result }, network) {
  const name = `${file.name}, ${network.name}`;
  const title = h("p", { class: "quiet file", title: name }, name);
  if (!result) {
    return [title, h("h2", {}, "Classifying…"), h("progress", { "aria-label": "Loading" })];
  }
  if ("error" in result) {
    return [title, h("h2", {}, "No prediction"), h("p", { class: "error" }, result.error)];
  }
  const { prediction, classifier } = result;
  const { model } = classifier;
  const explanation = reason(prediction, model);
  const advice = prediction.isOod ? photoAdvice() : null;
  const original = h("div", { class: "frame" }, h("img", { src: url, alt: file.name }));
  return [
    title,
    heading(prediction),
    ...(explanation ? [h("p", {}, explanation)] : []),
    ...(advice ? [advice] : []),
    h(
      "div",
      { class: "views" },
      h("figure", {}, h("figcaption", {}, "Your image"), original),
      preprocessed(result),
      occlusionMap(result, occlusionController.signal),
    ),
    h(
      "div",
      { class: "evidence" },
      bars(prediction, model),
      h(
        "div",
        {},
        oodScale(prediction, model),
        ...(network.metrics ? [nearestImages(prediction, model)] : []),
      ),
    ),
  ];
}

/** @param {Prediction} prediction */
function heading(prediction) {
  const text = headline(prediction);
  if (!prediction.label) return h("h2", { class: "verdict no-label" }, text);
  const probability = h("span", { class: "probability" }, confidence(prediction));
  return h("h2", { class: "verdict" }, h("bdi", {}, text), " ", probability);
}

/** @param {Predicted} result */
function preprocessed({ classifier, image }) {
  const { image_shape } = classifier.model;
  const [height, width] = image_shape;
  const canvas = h("canvas", { role: "img", "aria-label": "The preprocessed image" });
  paint(image, image_shape, canvas);
  return h(
    "figure",
    {},
    h("figcaption", {}, "What the model sees"),
    h("div", { class: "frame" }, canvas),
    h("p", { class: "quiet" }, `${width}×${height} pixels`),
  );
}
