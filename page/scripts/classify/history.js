/** All pictures so far as thumbnails with their answers, to go back to. */

import { byId, h } from "../dom.js";
import { short } from "./words.js";

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
  const text = thumbnail.querySelector(".outcome");
  if (text) text.textContent = saysShortly(entry);
  byId("history", HTMLElement).hidden = album.entries.length < 2;
}

/**
 * @param {Entry} entry
 * @param {Album} album
 */
function addThumbnail(entry, album) {
  const thumbnail = h(
    "button",
    { type: "button", class: "thumbnail", title: entry.file.name },
    h("img", { src: entry.url, alt: entry.file.name, loading: "lazy" }),
    h("bdi", { class: "outcome" }),
  );
  thumbnail.addEventListener("click", () => album.show(entry));
  thumbnails.set(entry, thumbnail);
  byId("thumbnails", HTMLUListElement).prepend(h("li", {}, thumbnail));
  return thumbnail;
}

/** @param {Entry} entry */
function saysShortly({ outcome }) {
  if (!outcome) return "…";
  return "error" in outcome ? "no answer" : short(outcome.answer);
}
