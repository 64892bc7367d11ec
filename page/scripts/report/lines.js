/** Lines of charts. Networks differ in colour and markers, training and validation in dashes. */

import { svg } from "../dom.js";

/** @import { Axis } from "./axes.js" */

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {number} style index of colour and marker
 * @property {boolean} [isDashed] dashed and without markers
 * @property {{ x: number, y: number }[]} points
 */

const MARKERS = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z",
  "M-3.5-3.5h7v7h-7Z",
  "M0-4.5L4.5 3.5h-9Z",
  "M0-5L5 0L0 5L-5 0Z",
  "M-5 3.5h10L0-4.5Z",
];
const MAX_MARKERS = 16; // on one line

/**
 * @param {Line} line
 * @param {Axis} x
 * @param {Axis} y
 */
export function drawLine({ style, isDashed, points }, x, y) {
  const positions = points.map((point) => ({
    left: x.position(point.x),
    top: y.position(point.y),
  }));
  const path = positions.map(({ left, top }) => `${left.toFixed(1)} ${top.toFixed(1)}`).join("L");
  const every = Math.ceil(points.length / MAX_MARKERS);
  const marked = positions.filter((_, i) => !isDashed && (points.length - 1 - i) % every === 0);
  return svg(
    "g",
    { class: className(style, isDashed) },
    svg("path", { d: `M${path}`, class: "stroke" }),
    ...marked.map(({ left, top }) => marker(style, left, top)),
  );
}

/**
 * The line as the legend shows it.
 *
 * @param {Line} line
 */
export function swatch({ style, isDashed }) {
  return svg(
    "svg",
    { class: className(style, isDashed), width: 34, height: 12, "aria-hidden": "true" },
    svg("path", { d: "M1 6h32", class: "stroke" }),
    ...(isDashed ? [] : [marker(style, 17, 6)]),
  );
}

/**
 * Styles after the fifth have the colours of the first again, with other markers.
 *
 * @param {number} style @param {number} left @param {number} top
 */
function marker(style, left, top) {
  return svg("path", {
    d: MARKERS[(style + Math.floor(style / MARKERS.length)) % MARKERS.length],
    transform: `translate(${left} ${top})`,
  });
}

/** @param {number} style @param {boolean} [isDashed] */
const className = (style, isDashed) =>
  `line style-${style % MARKERS.length}${isDashed ? " dashed" : ""}`;

/**
 * Content clipped to the axes, with room for half a marker.
 *
 * @param {Axis} x
 * @param {Axis} y
 * @param {...SVGElement} content
 */
export function clip(x, y, ...content) {
  const [left, top] = [x.range[0] - 6, y.range[1] - 6];
  const [width, height] = [x.range[1] + 6 - left, y.range[0] + 6 - top];
  const viewBox = `${left} ${top} ${width} ${height}`;
  return svg("svg", { x: left, y: top, width, height, viewBox }, ...content);
}
