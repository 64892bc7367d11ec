/** Tables of data, in a region that scrolls by itself where the page is too narrow. */

import { h } from "../dom.js";

/** A column: numbers are aligned to the right. */
/** @typedef {{ title: string, text?: boolean }} Column */

/**
 * What is wider or higher than its place, reachable by keyboard.
 *
 * @param {string} name
 * @param {...Node} children
 */
export function region(name, ...children) {
  const about = { role: "region", "aria-label": name, tabIndex: 0 };
  return h("div", { class: "region", ...about }, ...children);
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

/** @param {boolean} [text] */
const kind = (text) => (text ? "text" : "number");
