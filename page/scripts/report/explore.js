/** A figure to move along, by pointer or by keyboard, as wide as its place. */

import { h, svg } from "../dom.js";
import { ABOVE, BELOW } from "./axes.js";
import { onKeys } from "./keys.js";

/**
 * @typedef {object} Figure
 * @property {SVGSVGElement} image
 * @property {number[]} places of the steps from the left, in pixels
 */

/**
 * @typedef {object} Exploration
 * @property {string} label what the arrow keys move along, and in which figure
 * @property {string[]} steps what each step is called
 * @property {number} start
 * @property {(width: number) => Figure} draw
 * @property {(step: number) => void} tell called at the start and at each move
 */

const KEYS = {
  ArrowRight: 1,
  ArrowUp: 1,
  PageUp: 5,
  End: Number.POSITIVE_INFINITY,
  ArrowLeft: -1,
  ArrowDown: -1,
  PageDown: -5,
  Home: Number.NEGATIVE_INFINITY,
};

/**
 * For assistive technology, a slider: what is at a step is told by `tell`, in a live region.
 *
 * @param {Exploration} exploration
 */
export function explorable({ label, steps, start, draw, tell }) {
  const last = steps.length - 1;
  const about = { "aria-label": label, "aria-valuemin": 0, "aria-valuemax": last };
  const plot = h("div", { class: "plot", role: "slider", tabIndex: 0, ...about });
  const cursor = svg("line", { class: "cursor", y1: ABOVE - 8 });
  let step = start;
  /** @type {number[]} */
  let places = [];

  /** @param {number} next */
  const move = (next) => {
    step = Math.max(0, Math.min(last, next));
    plot.setAttribute("aria-valuenow", String(step));
    plot.setAttribute("aria-valuetext", steps[step]);
    putCursor(cursor, places[step]);
    tell(step);
  };
  onKeys(plot, KEYS, (by) => move(step + by));
  /** @param {PointerEvent} event */
  plot.onpointermove = plot.onpointerdown = (event) => {
    const next = nearest(places, event.clientX - plot.getBoundingClientRect().left);
    if (next !== step) move(next);
  };
  onWidth(plot, (width) => {
    const figure = draw(width);
    places = figure.places;
    plot.replaceChildren(figure.image);
    figure.image.append(cursor);
    cursor.setAttribute("y2", String(figure.image.height.baseVal.value - BELOW));
    putCursor(cursor, places[step]);
  });
  move(start);
  return plot;
}

/** @param {HTMLElement} element @param {(width: number) => void} draw at first and at each change */
function onWidth(element, draw) {
  new ResizeObserver(() => {
    if (element.clientWidth) draw(element.clientWidth); // nothing of what is no longer shown
  }).observe(element);
}

/** @param {SVGLineElement} cursor @param {number} [left] */
function putCursor(cursor, left = 0) {
  for (const end of ["x1", "x2"]) cursor.setAttribute(end, String(left));
}

/** @param {number[]} places @param {number} left */
function nearest(places, left) {
  const distances = places.map((place) => Math.abs(place - left));
  return distances.indexOf(Math.min(...distances));
}
