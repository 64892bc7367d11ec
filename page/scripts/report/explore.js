/** A chart with a cursor, which the pointer and the keyboard move. */

import { h, onKeys, svg } from "../dom.js";
import { MARGIN_BOTTOM, MARGIN_TOP } from "./axes.js";

/**
 * @typedef {object} Chart
 * @property {SVGSVGElement} image
 * @property {number[]} positions of the steps from the left, in pixels
 */

/**
 * @typedef {object} Options
 * @property {string} label
 * @property {string[]} steps name of each position of the cursor
 * @property {number} start index of the first step shown
 * @property {(width: number) => Chart} draw
 * @property {(step: number) => void} onStep
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
 * Assistive technology sees a slider; `onStep` writes the values at a step into a live region.
 *
 * @param {Options} options
 */
export function explorable({ label, steps, start, draw, onStep }) {
  const last = steps.length - 1;
  const range = { "aria-label": label, "aria-valuemin": 0, "aria-valuemax": last };
  const plot = h("div", { class: "plot", role: "slider", tabIndex: 0, ...range });
  const cursor = svg("line", { class: "cursor", y1: MARGIN_TOP - 8 });
  let step = start;
  /** @type {number[]} */
  let positions = [];

  const placeCursor = () => {
    for (const end of ["x1", "x2"]) cursor.setAttribute(end, String(positions[step] ?? 0));
  };
  /** @param {number} next */
  const move = (next) => {
    step = Math.max(0, Math.min(last, next));
    plot.setAttribute("aria-valuenow", String(step));
    plot.setAttribute("aria-valuetext", steps[step]);
    placeCursor();
    onStep(step);
  };
  onKeys(plot, KEYS, (by) => move(step + by));
  /** @param {PointerEvent} event */
  plot.onpointermove = plot.onpointerdown = (event) => {
    const left = event.clientX - plot.getBoundingClientRect().left;
    const distances = positions.map((position) => Math.abs(position - left));
    const nearest = distances.indexOf(Math.min(...distances));
    if (nearest !== step) move(nearest);
  };
  new ResizeObserver(() => {
    if (!plot.clientWidth) return; // hidden
    const chart = draw(plot.clientWidth);
    positions = chart.positions;
    plot.replaceChildren(chart.image);
    chart.image.append(cursor);
    cursor.setAttribute("y2", String(chart.image.height.baseVal.value - MARGIN_BOTTOM));
    placeCursor();
  }).observe(plot);
  move(start);
  return plot;
}
