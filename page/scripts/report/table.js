/** Tables in a region that scrolls by itself. */

import { h } from "../dom.js";

/** Numbers are aligned to the right, text to the left. */
/** @typedef {{ title: string, isText?: boolean }} Column */

/**
 * A region for wide or high content. While it scrolls, it can be focused, so that keys scroll it.
 *
 * @param {string} name
 * @param {...Node} children
 */
export function region(name, ...children) {
  const element = h("div", { class: "region", role: "region", "aria-label": name }, ...children);
  new ResizeObserver(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
    if (scrollWidth > clientWidth || scrollHeight > clientHeight) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }).observe(element);
  return element;
}

/**
 * @param {string} name
 * @param {Column[]} columns the first one names the rows
 * @param {(string | number)[][]} rows
 */
export function table(name, columns, rows) {
  const classes = columns.map(({ isText }) => (isText ? "text" : "number"));
  const head = columns.map(({ title }, i) => h("th", { scope: "col", class: classes[i] }, title));
  const body = rows.map(([first, ...values]) => {
    const cells = values.map((value, i) => h("td", { class: classes[i + 1] }, value));
    return h("tr", {}, h("th", { scope: "row", class: classes[0] }, first), ...cells);
  });
  const content = [h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...body)];
  return region(name, h("table", {}, ...content));
}

/**
 * The numbers of a chart, collapsed.
 *
 * @param {string} name
 * @param {string[]} titles
 * @param {(string | number)[][]} rows
 */
export function collapsedTable(name, titles, rows) {
  const columns = titles.map((title) => ({ title }));
  return h("details", {}, h("summary", {}, `${name}, as a table`), table(name, columns, rows));
}
