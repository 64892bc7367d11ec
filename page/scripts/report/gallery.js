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

/**
 * The gallery, and a function that shows the images of a view in it.
 *
 * @param {Site} site
 * @param {Views} views
 */
export function gallery(site, views) {
  const controls = filters(site.data.classes, views);
  const status = h("p", { role: "status", tabIndex: -1 });
  const list = h("ul", { class: "gallery" });
  const more = h("button", { type: "button", class: "more" }, "Show more");
  /** @type {(first: number) => void} */
  let append = () => {};
  more.addEventListener("click", () => {
    append(list.children.length);
    if (more.hidden) status.focus();
  });
  /** @param {NetworkReport["predictions"]} predictions @param {View} view */
  const show = (predictions, view) => {
    const hits = findImages(predictions, view, site.data.classes);
    append = (first) => {
      const shown = hits.slice(first, first + PAGE);
      list.append(...shown.map((image) => entry(image, predictions, site)));
      more.hidden = first + PAGE >= hits.length;
      const all = `${count(hits.length)} of ${count(predictions.actual.length)} images`;
      status.textContent = more.hidden ? all : `${all}, ${list.children.length} shown`;
    };
    controls.set(view);
    list.replaceChildren();
    append(0);
  };
  return {
    element: h("div", {}, controls.element, status, list, more),
    show,
    focus: () => status.focus(),
  };
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
