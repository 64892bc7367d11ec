/** The choices of the reader, which the address keeps, so that a link shares them. */

/** @import { Site } from "../types.d.ts" */

/**
 * @typedef {object} View
 * @property {string} network
 * @property {"accuracy" | "loss"} curve
 * @property {string} experiments names of those selected, separated by spaces
 * @property {string} experiments_with the network of these experiments, or empty for the first
 * @property {string} actual a class, or empty for any
 * @property {string} predicted a class, or empty for any
 * @property {string} show "wrong", "right" or "all"
 * @property {number} from lowest confidence in percent
 * @property {number} to highest confidence in percent
 * @property {string} order "most" or "least" confident first, or as in the "data"
 */

/** All images, most confident first. */
export const DEFAULT_FILTERS = {
  actual: "",
  predicted: "",
  show: "all",
  from: 0,
  to: 100,
  order: "most",
};

/**
 * The view of a query string; unknown values give the default.
 *
 * @param {string} search
 * @param {Site} site
 * @returns {View}
 */
function readView(search, { networks, dataset }) {
  const query = new URLSearchParams(search);
  /** @type {<Value extends string>(name: string, allowed: Value[]) => Value} */
  const pick = (name, allowed) => allowed.find((value) => value === query.get(name)) ?? allowed[0];
  const names = networks.map(({ name }) => name);
  return {
    network: pick("network", names),
    curve: pick("curve", ["accuracy", "loss"]),
    experiments: query.get("experiments") ?? "",
    experiments_with: query.get("experiments_with") ?? "",
    actual: pick("actual", ["", ...dataset.classes]),
    predicted: pick("predicted", ["", ...dataset.classes]),
    show: pick("show", ["wrong", "right", "all"]),
    from: percentage(query.get("from"), DEFAULT_FILTERS.from),
    to: percentage(query.get("to"), DEFAULT_FILTERS.to),
    order: pick("order", ["most", "least", "data"]),
  };
}

/**
 * A number clipped to 0 to 100, or the default if the text is no number.
 *
 * @param {string | null} text
 * @param {number} defaultValue
 */
export function percentage(text, defaultValue) {
  const value = Number(text || Number.NaN);
  return Number.isNaN(value) ? defaultValue : Math.max(0, Math.min(100, value));
}

/**
 * The query string of a view, without default values.
 *
 * @param {View} view
 * @param {Site} site
 */
function writeView(view, site) {
  const defaults = new Map(Object.entries(readView("", site)));
  const chosen = Object.entries(view).filter(([name, value]) => value !== defaults.get(name));
  return new URLSearchParams(chosen.map(([name, value]) => [name, String(value)])).toString();
}

/** The view of the address. */
export class Views {
  /** @type {((view: View) => unknown)[]} */
  #followers = [];

  /** @param {Site} site */
  constructor(site) {
    this.site = site;
    this.current = readView(location.search, site);
    addEventListener("popstate", () => this.#set(readView(location.search, site)));
  }

  /**
   * Call `show` with the current view, and again after each change.
   *
   * @template Result
   * @param {(view: View) => Result} show
   * @returns {Result} of the first call
   */
  follow(show) {
    this.#followers.push(show);
    return show(this.current);
  }

  /**
   * Change the view and the address. With a `section` to go to, the browser's back button undoes it.
   *
   * @param {Partial<View>} patch
   * @param {string} [section]
   */
  change(patch, section) {
    const next = { ...this.current, ...patch };
    const query = writeView(next, this.site);
    const hash = section ? `#${section}` : location.hash;
    const address = `${location.pathname}${query && "?"}${query}${hash}`;
    if (section) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    this.#set(next);
  }

  /** @param {View} view */
  #set(view) {
    this.current = view;
    for (const show of this.#followers) show(view);
  }
}
