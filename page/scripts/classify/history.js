/** All images so far as thumbnails with their predictions. */

import { byId, h } from "../dom.js";
import { confidence, headline } from "./explanations.js";

/** @import { Entry, Queue } from "./queue.js" */

/** @type {WeakMap<Entry, HTMLButtonElement>} */
const thumbnails = new WeakMap();

/**
 * Update the thumbnail of an image; a new image gets one.
 *
 * @param {Entry} entry
 * @param {Queue} queue
 */
export function updateHistory(entry, queue) {
  const thumbnail = thumbnails.get(entry) ?? addThumbnail(entry, queue);
  thumbnail.setAttribute("aria-pressed", String(entry === queue.shown));
  thumbnail.replaceChildren(...content(entry));
  byId("history").hidden = queue.entries.length < 2;
}

/** Remove all thumbnails. */
export function clearHistory() {
  byId("thumbnails").replaceChildren();
  byId("history").hidden = true;
}

/**
 * @param {Entry} entry
 * @param {Queue} queue
 */
function addThumbnail(entry, queue) {
  const thumbnail = h("button", { type: "button", title: entry.file.name });
  thumbnail.addEventListener("click", () => queue.show(entry));
  thumbnails.set(entry, thumbnail);
  byId("thumbnails").prepend(h("li", {}, thumbnail));
  return thumbnail;
}

/**
 * A file without a prediction is only named: it may be no image, or too large to show.
 *
 * @param {Entry} entry
 */
function content({ file, result }) {
  const name = h("bdi", {}, file.name);
  if (!result) return [name, h("span", {}, "…")];
  if ("error" in result) return [name, h("span", {}, "no prediction")];
  const { prediction, thumbnail } = result;
  const probability = prediction.label ? confidence(prediction) : "";
  return [
    toCanvas(thumbnail, file.name),
    h("span", {}, h("bdi", {}, headline(prediction)), " ", h("span", {}, probability)),
  ];
}

/**
 * @param {ImageBitmap} bitmap
 * @param {string} name
 */
function toCanvas(bitmap, name) {
  const { width, height } = bitmap;
  const canvas = h("canvas", { role: "img", "aria-label": name, width, height });
  canvas.getContext("2d")?.drawImage(bitmap, 0, 0);
  return canvas;
}
