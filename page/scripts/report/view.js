/** What the reader chose: network, curves, images; kept in the address, so that a link shares it. */

/** @import { Site } from "../types.d.ts" */

/**
 * @typedef {object} View
 * @property {string} network
 * @property {"accuracy" | "loss"} curve
 * @property {string} actual a class, or empty for any
 * @property {string} predicted a class, or empty for any
 * @property {string} show "wrong", "right" or "all"
 * @property {number} from lowest confidence, in percent
 * @property {number} to highest confidence, in percent
 * @property {string} order "most" or "least" confident first, or as in the "data"
 */

/** No filter: all images, the most confident first. */
export const ALL = { actual: "", predicted: "", show: "all", from: 0, to: 100, order: "most" };

/**
 * The view that the query of an address asks for; what it does not know is as at first.
 *
 * @param {string} search
 * @param {Site} site
 * @returns {View}
 */
function readView(search, site) {
  const query = new URLSearchParams(search);
  /** @type {<Value extends string>(name: string, allowed: Value[]) => Value} */
  const pick = (name, allowed) => allowed.find((value) => value === query.get(name)) ?? allowed[0];
  const classes = ["", ...site.data.classes];
  return {
    network: pick(
      "network",
      site.networks.map((network) => network.name),
    ),
    curve: pick("curve", ["accuracy", "loss"]),
    actual: pick("actual", classes),
    predicted: pick("predicted", classes),
    show: pick("show", ["wrong", "right", "all"]),
    from: percentage(query.get("from"), ALL.from),
    to: percentage(query.get("to"), ALL.to),
    order: pick("order", ["most", "least", "data"]),
  };
}

/**
 * The number of a text, or the one from 0 to 100 that is nearest to it; without one, `otherwise`.
 *
 * @param {string | null} text
 * @param {number} otherwise
 */
export function percentage(text, otherwise) {
  const value = Number(text || Number.NaN);
  return Number.isNaN(value) ? otherwise : Math.max(0, Math.min(100, value));
}

/**
 * The query of an address that asks for a view; what is as at first is left out.
 *
 * @param {View} view
 * @param {Site} site
 */
function writeView(view, site) {
  const first = new Map(Object.entries(readView("", site)));
  const chosen = Object.entries(view).filter(([name, value]) => value !== first.get(name));
  return new URLSearchParams(chosen.map(([name, value]) => [name, String(value)])).toString();
}

/** The view of the address, now and whenever it changes. */
export class Views {
  /** @type {((view: View) => unknown)[]} */
  #followers = [];

  /** @param {Site} site */
  constructor(site) {
    this.site = site;
    this.current = readView(location.search, site);
    addEventListener("popstate", () => this.#turn(readView(location.search, site)));
  }

  /**
   * Have views shown, the current one at once.
   *
   * @template Result
   * @param {(view: View) => Result} show
   * @returns {Result} of the current view
   */
  follow(show) {
    this.#followers.push(show);
    return show(this.current);
  }

  /**
   * Change the view and the address. A change that leads to a part of the page is a step that the
   * browser can take back.
   *
   * @param {Partial<View>} patch
   * @param {string} [part]
   */
  change(patch, part) {
    const next = { ...this.current, ...patch };
    const query = writeView(next, this.site);
    const hash = part ? `#${part}` : location.hash;
    const address = `${location.pathname}${query && "?"}${query}${hash}`;
    if (part) history.pushState(null, "", address);
    else history.replaceState(null, "", address);
    this.#turn(next);
  }

  /** @param {View} view */
  #turn(view) {
    this.current = view;
    for (const show of this.#followers) show(view);
  }
}
