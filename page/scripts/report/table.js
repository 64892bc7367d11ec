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
 * A table that its headings sort, rows without a value last.
 *
 * @template Row
 * @param {string} name
 * @param {string} style
 * @param {(Column & { of: (row: Row) => unknown })[]} columns
 * @param {Map<Row, HTMLElement>} rows
 * @param {{ by: number, ascending: boolean }} first how the table is sorted at first
 */
export function sortableTable(name, style, columns, rows, first) {
  const body = h("tbody");
  /** @param {number} by @param {boolean} ascending */
  const sort = (by, ascending) => {
    const { of } = columns[by];
    const sorted = [...rows].sort(([a], [b]) => compare(of(a), of(b), ascending ? 1 : -1));
    body.replaceChildren(...sorted.map(([, element]) => element));
    for (const [i, th] of headings.entries()) {
      const direction = ascending ? "ascending" : "descending";
      th.setAttribute("aria-sort", i === by ? direction : "none");
    }
  };
  const headings = columns.map(({ title, isText }, by) => {
    const button = h("button", { type: "button" }, title);
    const th = h("th", { scope: "col", class: isText ? "text" : "number" }, button);
    button.addEventListener("click", () => sort(by, th.getAttribute("aria-sort") !== "ascending"));
    return th;
  });
  sort(first.by, first.ascending);
  const head = h("thead", {}, h("tr", {}, ...headings));
  return region(name, h("table", { class: `${style} sortable` }, head, body));
}

/** @param {unknown} a @param {unknown} b @param {number} sign -1 for a descending order */
function compare(a, b, sign) {
  if (a == null || b == null) return Number(a == null) - Number(b == null);
  if (typeof a === "number" && typeof b === "number") return sign * (a - b);
  return sign * String(a).localeCompare(String(b), "en", { numeric: true });
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
