/** Test images with their predictions, a few at a time. */

import { h } from "../dom.js";
import { formatCount, percent } from "../format.js";
import { sprite } from "../sprites.js";
import { filterImages, filters } from "./filters.js";

/** @import { Predictions, Site, Sprites } from "../types.d.ts" */
/** @import { View, Views } from "./view.js" */

const [NARROW_STEP, WIDE_STEP] = [24, 60]; // images at first and for each "Show more"
const NARROW = matchMedia("(max-width: 32rem)");
const MAX_EDGE = 96; // CSS pixels of the longer edge of an image

export class Gallery {
  #status = h("p", { role: "status", tabIndex: -1 });
  #list = h("ul", { class: "gallery" });
  #more = h("button", { type: "button", onclick: () => this.#showMore() }, "Show more");
  /** @type {Predictions} */
  #predictions = { actual: [], predicted: [], confidence: [] };
  /** @type {number[]} */
  #images = [];
  #hint = "";

  /** @param {Site} site @param {Views} views */
  constructor(site, views) {
    this.site = site;
    this.filters = filters(site.dataset.classes, views);
    this.element = h("div", {}, this.filters.element, this.#status, this.#list, this.#more);
  }

  /** @param {Predictions} predictions @param {View} view */
  show(predictions, view) {
    this.filters.set(view);
    const images = filterImages(predictions, view, this.site.dataset.classes);
    const hint = view.from > view.to ? `: no confidence is from ${view.from} to ${view.to} %` : "";
    const isSame = predictions === this.#predictions && hint === this.#hint;
    if (isSame && `${images}` === `${this.#images}`) return; // keeps what "Show more" added
    this.#predictions = predictions;
    this.#images = images;
    this.#hint = hint;
    this.#list.replaceChildren();
    this.#append();
  }

  /** Scroll to the images and move the focus there. */
  focus() {
    this.#status.scrollIntoView();
    this.#status.focus({ preventScroll: true });
  }

  #showMore() {
    const first = this.#list.children.length;
    this.#append();
    if (!this.#more.hidden) return;
    const next = /** @type {HTMLElement} */ (this.#list.children[first]);
    next.tabIndex = -1; // takes the focus of the hidden button
    next.focus({ preventScroll: true });
  }

  #append() {
    const first = this.#list.children.length;
    const next = first + (NARROW.matches ? NARROW_STEP : WIDE_STEP);
    const images = this.#images.slice(first, next);
    this.#list.append(...images.map((image) => entry(image, this.#predictions, this.site)));
    this.#more.hidden = next >= this.#images.length;
    const total = `${formatCount(this.#images.length)} of ${formatCount(this.#predictions.actual.length)} images`;
    const shown = this.#more.hidden ? "" : `, ${this.#list.children.length} shown`;
    this.#status.textContent = total + (shown || this.#hint);
  }
}

/**
 * @param {number} image
 * @param {Predictions} predictions
 * @param {Pick<Site, "dataset" | "sprites">} site
 * @param {number} [number] that is shown
 */
export function entry(image, predictions, { dataset, sprites }, number = image) {
  const actual = dataset.classes[predictions.actual[image]];
  const predicted = dataset.classes[predictions.predicted[image]];
  const isRight = predictions.actual[image] === predictions.predicted[image];
  const mark = h("span", { "aria-hidden": "true" }, isRight ? "✓\u00a0" : "✗\u00a0");
  const spoken = h("span", { class: "hidden" }, isRight ? "correctly " : "wrongly ", "predicted ");
  return h(
    "li",
    { class: isRight ? "right" : "wrong" },
    sprite(sprites, image, spriteWidth(sprites)),
    h("span", { class: "name", title: actual }, h("span", { class: "hidden" }, "actual "), actual),
    h("span", { class: "name prediction", title: predicted }, mark, spoken, predicted),
    h("span", { class: "quiet" }, percent(predictions.confidence[image]), ` · #${number}`),
  );
}

/**
 * Small images are enlarged by an integer factor, so that all their pixels get the same size.
 *
 * @param {Sprites} sprites
 */
function spriteWidth({ width, height }) {
  const scale = MAX_EDGE / Math.max(width, height);
  return Math.round(width * (scale > 1 ? Math.floor(scale) : scale));
}
