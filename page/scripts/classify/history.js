/** All images so far as thumbnails with their predictions, to go back to. */

import { byId, h } from "../dom.js";
import { percent } from "../format.js";
import { isNone } from "../inference/classifier.js";

/** @import { Queue, Entry } from "./queue.js" */
/** @import { Prediction } from "../inference/classifier.js" */

/** @type {WeakMap<Entry, HTMLButtonElement>} */
const thumbnails = new WeakMap();

/**
 * Bring the thumbnail of an image up to date; a new image gets one.
 *
 * @param {Entry} entry
 * @param {Queue} queue
 */
export function updateHistory(entry, queue) {
  const thumbnail = thumbnails.get(entry) ?? addThumbnail(entry, queue);
  thumbnail.setAttribute("aria-pressed", String(entry === queue.shown));
  thumbnail.replaceChildren(...content(entry));
  byId("history", HTMLElement).hidden = queue.entries.length < 2;
}

/** Forget all thumbnails. */
export function clearHistory() {
  byId("thumbnails", HTMLUListElement).replaceChildren();
  byId("history", HTMLElement).hidden = true;
}

/**
 * @param {Entry} entry
 * @param {Queue} queue
 */
function addThumbnail(entry, queue) {
  const thumbnail = h("button", { type: "button", title: entry.file.name });
  thumbnail.addEventListener("click", () => queue.show(entry));
  thumbnails.set(entry, thumbnail);
  byId("thumbnails", HTMLUListElement).prepend(h("li", {}, thumbnail));
  return thumbnail;
}

/**
 * An image without an prediction is only named: it may be none, or too large to be shown.
 *
 * @param {Entry} entry
 */
function content({ file, result }) {
  const name = h("bdi", {}, file.name);
  if (!result) return [name, h("span", {}, "…")];
  if ("error" in result) return [name, h("span", {}, "no prediction")];
  return [image(result.thumbnail, file.name), h("span", {}, ...says(result.prediction))];
}

/**
 * @param {ImageBitmap} bitmap
 * @param {string} name
 */
function image(bitmap, name) {
  const { width, height } = bitmap;
  const canvas = h("canvas", { role: "img", "aria-label": name, width, height });
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  return canvas;
}

/** @param {Prediction} prediction */
function says({ label, best, probabilities }) {
  if (isNone(label)) return [label];
  return [h("bdi", {}, label), " ", h("span", { class: "number" }, percent(probabilities[best]))];
}
