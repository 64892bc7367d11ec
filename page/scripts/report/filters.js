/** Controls that select test images, and the selection. */

import { h } from "../dom.js";
import { checkOption, radioGroup } from "./radioGroup.js";
import { DEFAULT_FILTERS, percentage } from "./view.js";

/** @import { NetworkReport } from "../types.d.ts" */
/** @import { View, Views } from "./view.js" */

/** @type {Record<string, Partial<View>>} */
const PRESETS = {
  "Most confident mistakes": { ...DEFAULT_FILTERS, show: "wrong" },
  "Least confident": { ...DEFAULT_FILTERS, order: "least" },
  All: { ...DEFAULT_FILTERS, order: "data" },
};
/** @typedef {[value: string, text: string][]} Options */

/** @type {Options} */
const SHOW = [
  ["all", "All"],
  ["wrong", "Wrong"],
  ["right", "Right"],
];
/** @type {Options} */
const ORDER = [
  ["most", "Most confident"],
  ["least", "Least confident"],
  ["data", "As in the dataset"],
];

/**
 * Indices of the test images of a view, in its order.
 *
 * @param {NetworkReport["predictions"]} predictions
 * @param {View} view
 * @param {string[]} classes
 */
export function filterImages({ actual, predicted, confidence }, view, classes) {
  // Confidences have four decimals, so as integers they compare exactly.
  const [from, to] = [Math.round(view.from * 100), Math.round(view.to * 100)];
  const [actualLabel, predictedLabel] = [view.actual, view.predicted].map((name) =>
    classes.indexOf(name),
  );
  const images = [...actual.keys()].filter((image) => {
    const value = Math.round(confidence[image] * 1e4);
    return (
      (actualLabel < 0 || actual[image] === actualLabel) &&
      (predictedLabel < 0 || predicted[image] === predictedLabel) &&
      (view.show === "all" || (actual[image] === predicted[image]) === (view.show === "right")) &&
      from <= value &&
      value <= to
    );
  });
  if (view.order === "data") return images;
  const sign = view.order === "most" ? -1 : 1;
  return images.sort((a, b) => sign * (confidence[a] - confidence[b]));
}

/**
 * The controls, and a function that sets them to a view.
 *
 * @param {string[]} classes
 * @param {Views} views
 */
export function filters(classes, views) {
  /** @type {Options} */
  const anyClass = [
    ["", "any class"],
    ...classes.map((name) => /** @type {[string, string]} */ ([name, name])),
  ];
  const controls = {
    actual: select(anyClass, (actual) => views.change({ actual })),
    predicted: select(anyClass, (predicted) => views.change({ predicted })),
    order: select(ORDER, (order) => views.change({ order })),
    from: number((text) => views.change({ from: percentage(text, DEFAULT_FILTERS.from) })),
    to: number((text) => views.change({ to: percentage(text, DEFAULT_FILTERS.to) })),
  };
  const show = radioGroup("Predictions", "show", SHOW, (value) => views.change({ show: value }));
  const presets = Object.entries(PRESETS).map(([name, patch]) =>
    h("button", { type: "button", onclick: () => views.change(patch) }, name),
  );
  const element = h(
    "div",
    { class: "filters", role: "group", "aria-label": "Filters" },
    h("div", { class: "presets" }, ...presets),
    h("label", {}, "Actual class", controls.actual),
    h("label", {}, "Predicted class", controls.predicted),
    h("label", {}, "Order", controls.order),
    show,
    h(
      "fieldset",
      { class: "range" },
      h("legend", {}, "Confidence in %"),
      h("label", {}, "from", controls.from),
      h("label", {}, "to", controls.to),
    ),
  );
  /** @param {View} view */
  const set = (view) => {
    for (const [name, control] of Object.entries(controls)) {
      control.value = String(view[/** @type {keyof typeof controls} */ (name)]);
    }
    checkOption(show, view.show);
  };
  return { element, set };
}

/** @param {Options} options @param {(value: string) => void} onChoice */
function select(options, onChoice) {
  const element = h("select", {}, ...options.map(([value, text]) => h("option", { value }, text)));
  element.addEventListener("change", () => onChoice(element.value));
  return element;
}

/** @param {(text: string) => void} onChoice */
function number(onChoice) {
  const element = h("input", { type: "number", min: "0", max: "100", step: "any", required: true });
  element.addEventListener("change", () => onChoice(element.value));
  return element;
}
