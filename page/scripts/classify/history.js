/** All pictures so far as thumbnails with their answers, to go back to. */

import { byId, h } from "../dom.js";
import { percent } from "../format.js";
import { isNone } from "../inference/classifier.js";

/** @import { Album, Entry } from "./album.js" */

/** @type {WeakMap<Entry, HTMLButtonElement>} */
const thumbnails = new WeakMap();

/**
 * Bring the thumbnail of a picture up to date; a new picture gets one.
 *
 * @param {Entry} entry
 * @param {Album} album
 */
export function updateHistory(entry, album) {
  const thumbnail = thumbnails.get(entry) ?? addThumbnail(entry, album);
  thumbnail.setAttribute("aria-pressed", String(entry === album.shown));
  thumbnail.querySelector(".outcome")?.replaceChildren(...outcomeOf(entry));
  byId("history", HTMLElement).hidden = album.entries.length < 2;
}

/**
 * @param {Entry} entry
 * @param {Album} album
 */
function addThumbnail(entry, album) {
  const picture = h("img", { src: entry.url, alt: entry.file.name, loading: "lazy" });
  picture.addEventListener("error", () => picture.replaceWith(h("bdi", {}, entry.file.name)));
  const outcome = h("span", { class: "outcome" });
  const thumbnail = h("button", { type: "button", title: entry.file.name }, picture, outcome);
  thumbnail.addEventListener("click", () => album.show(entry));
  thumbnails.set(entry, thumbnail);
  byId("thumbnails", HTMLUListElement).prepend(h("li", {}, thumbnail));
  return thumbnail;
}

/** @param {Entry} entry */
function outcomeOf({ outcome }) {
  if (!outcome) return ["…"];
  if ("error" in outcome) return ["no answer"];
  const { label, best, probabilities } = outcome.answer;
  if (isNone(label)) return [label];
  return [h("bdi", {}, label), " ", h("span", { class: "number" }, percent(probabilities[best]))];
}
