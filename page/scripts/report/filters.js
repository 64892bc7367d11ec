/** Controls that choose test images. */

import { h } from "../dom.js";
import { mark, radioGroup } from "./radioGroup.js";
import { ALL, percentage } from "./view.js";

/** @import { View, Views } from "./view.js" */

/** @type {Record<string, Partial<View>>} */
const PRESETS = {
  "Most confident mistakes": { ...ALL, show: "wrong" },
  "Least confident": { ...ALL, order: "least" },
  All: { ...ALL, order: "data" },
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
  ["most", "Most confident first"],
  ["least", "Least confident first"],
  ["data", "As in the data"],
];

/**
 * Controls, and a function that sets them to a view.
 *
 * @param {string[]} classes
 * @param {Views} views
 */
export function filters(classes, views) {
  /** @type {Options} */
  const any = [["", "any class"]];
  for (const name of classes) any.push([name, name]);
  const selects = {
    actual: select(any, (actual) => views.change({ actual })),
    predicted: select(any, (predicted) => views.change({ predicted })),
    order: select(ORDER, (order) => views.change({ order })),
  };
  const numbers = {
    from: number((text) => views.change({ from: percentage(text, ALL.from) })),
    to: number((text) => views.change({ to: percentage(text, ALL.to) })),
  };
  const show = radioGroup("Outputs", "show", SHOW, (value) => views.change({ show: value }));
  const element = h(
    "div",
    { class: "filters", role: "group", "aria-label": "Which images" },
    h("div", { class: "presets" }, ...presets(views)),
    h("label", {}, "Actual class", selects.actual),
    h("label", {}, "Predicted class", selects.predicted),
    h("label", {}, "Order", selects.order),
    show,
    h(
      "fieldset",
      { class: "range" },
      h("legend", {}, "Confidence in %"),
      h("label", {}, "from", numbers.from),
      h("label", {}, "to", numbers.to),
    ),
  );
  /** @param {View} view */
  const set = (view) => {
    for (const name of /** @type {const} */ (["actual", "predicted", "order"]))
      selects[name].value = view[name];
    for (const name of /** @type {const} */ (["from", "to"]))
      numbers[name].value = String(view[name]);
    mark(show, view.show);
  };
  return { element, set };
}

/** @param {Views} views */
function presets(views) {
  return Object.entries(PRESETS).map(([name, patch]) =>
    h("button", { type: "button", onclick: () => views.change(patch) }, name),
  );
}

/** @param {Options} options @param {(value: string) => void} choose */
function select(options, choose) {
  const entries = options.map(([value, text]) => h("option", { value }, text));
  const element = h("select", {}, ...entries);
  element.addEventListener("change", () => choose(element.value));
  return element;
}

/** @param {(text: string) => void} choose */
function number(choose) {
  const element = h("input", { type: "number", min: "0", max: "100", step: "any", required: true });
  element.addEventListener("change", () => choose(element.value));
  return element;
}
