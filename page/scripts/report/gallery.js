/** Test images with what was predicted, a page of them at a time. */

import { h } from "../dom.js";
import { count, percent } from "../format.js";
import { tile } from "../sheets.js";
import { filters } from "./filters.js";
import { findImages } from "./hits.js";

/** @import { NetworkReport, Sheet, Site } from "../types.d.ts" */
/** @import { View, Views } from "./view.js" */

const PAGE = 60;
const SIZE = 96; // at most of the longer side of an image, in CSS pixels

/** The images of a view, and the controls that choose them. */
export class Gallery {
  #status = h("p", { role: "status", tabIndex: -1 });
  #list = h("ul", { class: "gallery" });
  #more = h("button", { type: "button", onclick: () => this.#showMore() }, "Show more");
  #near = new IntersectionObserver(reveal, { rootMargin: "200px" });
  /** @type {NetworkReport["predictions"]} */
  #predictions = { actual: [], predicted: [], confidence: [] };
  /** @type {number[]} */
  #hits = [];

  /** @param {Site} site @param {Views} views */
  constructor(site, views) {
    this.site = site;
    this.controls = filters(site.data.classes, views);
    const parts = [this.controls.element, this.#status, this.#list, this.#more];
    this.element = h("div", {}, ...parts);
  }

  /** @param {NetworkReport["predictions"]} predictions @param {View} view */
  show(predictions, view) {
    this.#predictions = predictions;
    this.#hits = findImages(predictions, view, this.site.data.classes);
    this.controls.set(view);
    this.#near.disconnect();
    this.#list.replaceChildren();
    this.#append();
  }

  /** Lead the reader to the images, their number first. */
  focus() {
    this.#status.scrollIntoView();
    this.#status.focus({ preventScroll: true });
  }

  #showMore() {
    const first = this.#list.children.length;
    this.#append();
    if (!this.#more.hidden) return;
    const next = /** @type {HTMLElement} */ (this.#list.children[first]);
    next.tabIndex = -1; // takes the focus of the button, which is gone
    next.focus({ preventScroll: true });
  }

  #append() {
    const first = this.#list.children.length;
    for (const image of this.#hits.slice(first, first + PAGE)) {
      const item = entry(image, this.#predictions, this.site);
      this.#list.append(item);
      this.#near.observe(item);
    }
    this.#more.hidden = first + PAGE >= this.#hits.length;
    const all = `${count(this.#hits.length)} of ${count(this.#predictions.actual.length)} images`;
    const shown = this.#more.hidden ? "" : `, ${this.#list.children.length} shown`;
    this.#status.textContent = all + shown;
  }
}

/**
 * Have the sheets of images loaded that come into view, and no others.
 *
 * @param {IntersectionObserverEntry[]} entries
 */
function reveal(entries) {
  for (const { isIntersecting, target } of entries) {
    if (isIntersecting) target.classList.add("near");
  }
}

/**
 * @param {number} image
 * @param {NetworkReport["predictions"]} predictions
 * @param {Site} site
 */
function entry(image, predictions, { data, sheet }) {
  const actual = data.classes[predictions.actual[image]];
  const predicted = data.classes[predictions.predicted[image]];
  const isRight = predictions.actual[image] === predictions.predicted[image];
  return h(
    "li",
    { class: isRight ? "right" : "wrong" },
    tile(sheet, image, "", tileWidth(sheet)),
    h("span", { class: "name", title: actual }, told("actual "), actual),
    h("span", { class: "name answer", title: predicted }, sign(isRight), predicted),
    h("span", { class: "quiet" }, percent(predictions.confidence[image]), ` · #${image}`),
  );
}

/**
 * Small images are enlarged by a whole number, so that their pixels are alike.
 *
 * @param {Sheet} sheet
 */
function tileWidth({ width, height }) {
  const scale = SIZE / Math.max(width, height);
  return Math.round(width * (scale > 1 ? Math.floor(scale) : scale));
}

/** @param {string} text for screen readers */
const told = (text) => h("span", { class: "hidden" }, text);

/** @param {boolean} isRight */
function sign(isRight) {
  const mark = h("span", { "aria-hidden": "true" }, isRight ? "✓\u00a0" : "✗\u00a0");
  return h("span", {}, mark, told(isRight ? "rightly predicted " : "wrongly predicted "));
}
