/** Test images with what was predicted, a page of them at a time. */

import { h } from "../dom.js";
import { count, percent } from "../format.js";
import { fileOf, tile } from "../sprites.js";
import { filterImages } from "./filterImages.js";
import { filters } from "./filters.js";

/** @import { NetworkReport, SpriteSheet, Site } from "../types.d.ts" */
/** @import { View, Views } from "./view.js" */

const [FEW, MANY] = [24, 60]; // images at first, and again at each "Show more"
const NARROW = matchMedia("(max-width: 32rem)");
const SIZE = 96; // at most of the longer side of an image, in CSS pixels

/** The images of a view, and the controls that choose them. */
export class Gallery {
  #status = h("p", { role: "status", tabIndex: -1 });
  #list = h("ul", { class: "gallery" });
  #more = h("button", { type: "button", onclick: () => this.#showMore() }, "Show more");
  #problem = h("p", { class: "error", role: "alert" });
  #near = new IntersectionObserver((entries) => this.#reveal(entries), { rootMargin: "200px" });
  /** @type {Set<string>} */
  #files = new Set();
  /** @type {NetworkReport["predictions"]} */
  #predictions = { actual: [], predicted: [], confidence: [] };
  /** @type {number[]} */
  #found = [];
  #range = "";

  /** @param {Site} site @param {Views} views */
  constructor(site, views) {
    this.site = site;
    this.controls = filters(site.data.classes, views);
    const parts = [this.controls.element, this.#status, this.#problem, this.#list, this.#more];
    this.element = h("div", {}, ...parts);
    addEventListener("beforeprint", () => {
      for (const item of this.#list.children) this.#load(item);
    });
  }

  /** @param {NetworkReport["predictions"]} predictions @param {View} view */
  show(predictions, view) {
    this.controls.set(view);
    const found = filterImages(predictions, view, this.site.data.classes);
    const range = view.from > view.to ? `: no confidence is from ${view.from} to ${view.to} %` : "";
    const isShown = predictions === this.#predictions && range === this.#range;
    if (isShown && `${found}` === `${this.#found}`) return; // and what "Show more" has added, too
    this.#predictions = predictions;
    this.#range = range;
    this.#found = found;
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
    const next = first + (NARROW.matches ? FEW : MANY);
    for (const image of this.#found.slice(first, next)) {
      const item = entry(image, this.#predictions, this.site);
      this.#list.append(item);
      this.#near.observe(item);
    }
    this.#more.hidden = next >= this.#found.length;
    const all = `${count(this.#found.length)} of ${count(this.#predictions.actual.length)} images`;
    const shown = this.#more.hidden ? "" : `, ${this.#list.children.length} shown`;
    this.#status.textContent = all + (shown || this.#range);
  }

  /**
   * Have the sheets of images loaded that come into view, and no others.
   *
   * @param {IntersectionObserverEntry[]} entries
   */
  #reveal(entries) {
    for (const { isIntersecting, target } of entries) if (isIntersecting) this.#load(target);
  }

  /** @param {Element} item */
  #load(item) {
    item.classList.add("near");
    const file = item.getAttribute("data-sheet") ?? "";
    if (this.#files.has(file)) return;
    this.#files.add(file);
    const onerror = () => this.#problem.replaceChildren(`${file}: did not load`);
    h("img", { onerror, src: file }); // backgrounds do not say that they are missing
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
    { class: isRight ? "right" : "wrong", "data-sheet": fileOf(sheet, image) },
    tile(sheet, image, "", tileWidth(sheet)),
    h("span", { class: "name", title: actual }, told("actual "), actual),
    h("span", { class: "name prediction", title: predicted }, sign(isRight), predicted),
    h("span", { class: "quiet" }, percent(predictions.confidence[image]), ` · #${image}`),
  );
}

/**
 * Small images are enlarged by a whole number, so that their pixels are alike.
 *
 * @param {SpriteSheet} sheet
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
