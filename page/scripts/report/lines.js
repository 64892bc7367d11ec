/** Lines of figures. Networks differ in colour and in marks, kinds of images in dashes. */

import { svg } from "../dom.js";

/** @import { Axis } from "./axes.js" */

/**
 * @typedef {object} Line
 * @property {string} name
 * @property {number} style which colour and mark
 * @property {boolean} [dashed] without marks, too
 * @property {{ x: number, y: number }[]} points
 */

const MARKS = [
  "M-4 0a4 4 0 1 0 8 0a4 4 0 1 0-8 0Z",
  "M-3.5-3.5h7v7h-7Z",
  "M0-4.5L4.5 3.5h-9Z",
  "M0-5L5 0L0 5L-5 0Z",
  "M-5 3.5h10L0-4.5Z",
];
const STYLES = MARKS.length;
const MARKED = 16; // marks of a line, at most, so that it stays a line

/**
 * @param {Line} line
 * @param {Axis} x
 * @param {Axis} y
 */
export function drawLine({ style, dashed, points }, x, y) {
  const places = points.map((point) => `${x.at(point.x).toFixed(1)} ${y.at(point.y).toFixed(1)}`);
  const every = Math.ceil(points.length / MARKED);
  const marked = dashed
    ? []
    : points.filter((_, place) => (points.length - 1 - place) % every === 0);
  return svg(
    "g",
    { class: className(style, dashed) },
    svg("path", { d: `M${places.join("L")}`, class: "stroke" }),
    ...marked.map((point) => drawMark(style, x.at(point.x), y.at(point.y))),
  );
}

/**
 * What a legend shows of a line.
 *
 * @param {Line} line
 */
export function swatch({ style, dashed }) {
  return svg(
    "svg",
    { class: `swatch ${className(style, dashed)}`, width: 34, height: 12, "aria-hidden": "true" },
    svg("path", { d: "M1 6h32", class: "stroke" }),
    ...(dashed ? [] : [drawMark(style, 17, 6)]),
  );
}

/** @param {number} style @param {number} left @param {number} top */
function drawMark(style, left, top) {
  return svg("path", { d: MARKS[style % STYLES], transform: `translate(${left} ${top})` });
}

/** @param {number} style @param {boolean} [dashed] */
const className = (style, dashed) => `line style-${style % STYLES}${dashed ? " dashed" : ""}`;

/**
 * Content that ends where the axes do, but for half a mark.
 *
 * @param {Axis} x
 * @param {Axis} y
 * @param {...SVGElement} content
 */
export function inside(x, y, ...content) {
  const [left, top] = [x.range[0] - 6, y.range[1] - 6];
  const [width, height] = [x.range[1] + 6 - left, y.range[0] + 6 - top];
  const viewBox = `${left} ${top} ${width} ${height}`;
  return svg("svg", { x: left, y: top, width, height, viewBox }, ...content);
}
