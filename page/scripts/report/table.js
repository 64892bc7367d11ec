/** Tables of data, in a region that scrolls by itself where the page is too narrow. */

import { h } from "../dom.js";

/** A column: numbers are aligned to the right. */
/** @typedef {{ title: string, text?: boolean }} Column */

/**
 * What may be wider or higher than its place; where it is, Tab reaches it, so that keys scroll it.
 *
 * @param {string} name
 * @param {...Node} children
 */
export function region(name, ...children) {
  const about = { class: "region", role: "region", "aria-label": name };
  const element = h("div", about, ...children);
  new ResizeObserver(() => {
    const { scrollWidth, clientWidth, scrollHeight, clientHeight } = element;
    if (scrollWidth > clientWidth || scrollHeight > clientHeight) element.tabIndex = 0;
    else element.removeAttribute("tabindex");
  }).observe(element);
  return element;
}

/**
 * A table whose first column names its rows.
 *
 * @param {string} name
 * @param {Column[]} columns
 * @param {(string | number)[][]} rows
 */
export function table(name, columns, rows) {
  const head = columns.map(({ title, text }) =>
    h("th", { scope: "col", class: kind(text) }, title),
  );
  const body = rows.map((row) =>
    h(
      "tr",
      {},
      ...row.map((value, place) => {
        const about = { class: kind(columns[place].text) };
        return place ? h("td", about, value) : h("th", { scope: "row", ...about }, value);
      }),
    ),
  );
  const content = [h("thead", {}, h("tr", {}, ...head)), h("tbody", {}, ...body)];
  return region(name, h("table", {}, ...content));
}

/**
 * The numbers of a figure, for who wants them.
 *
 * @param {string} name
 * @param {(string | Column)[]} titles a title alone is of numbers
 * @param {(string | number)[][]} rows
 */
export function asTable(name, titles, rows) {
  const columns = titles.map((column) => (typeof column === "string" ? { title: column } : column));
  return h("details", {}, h("summary", {}, `${name}, as a table`), table(name, columns, rows));
}

/** @param {boolean} [text] */
const kind = (text) => (text ? "text" : "number");
