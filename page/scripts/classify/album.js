/** The pictures so far, and the loop that answers them, one after the other. */

import { answerTo } from "./outcome.js";

/** @import { Network } from "../types.d.ts" */
/** @import { Outcome } from "./outcome.js" */

/**
 * @typedef {object} Entry a picture, and what became of it
 * @property {File} file
 * @property {string} url
 * @property {Outcome | null} outcome null until there is one
 */

export class Album {
  /** @type {Entry[]} */
  entries = [];
  /** @type {Entry | null} */
  shown = null;
  #working = false;
  #onChange;

  /**
   * @param {Network} network
   * @param {(entry: Entry) => void} onChange an entry is new, has an outcome, or is shown now
   */
  constructor(network, onChange) {
    this.network = network;
    this.#onChange = onChange;
  }

  /** @param {File[]} files the first is shown */
  add(files) {
    const added = files.map((file) => ({ file, url: URL.createObjectURL(file), outcome: null }));
    this.entries.push(...added);
    for (const entry of added) this.#onChange(entry);
    if (added.length) this.show(added[0]);
  }

  /** @param {Entry} entry */
  show(entry) {
    const before = this.shown;
    this.shown = entry;
    if (before) this.#onChange(before);
    this.#onChange(entry);
    this.#work();
  }

  /** @param {Network} network answers all pictures again */
  use(network) {
    this.network = network;
    for (const entry of this.entries) {
      entry.outcome = null;
      this.#onChange(entry);
    }
    this.#work();
  }

  async #work() {
    if (this.#working) return;
    this.#working = true;
    for (let entry = this.#next(); entry; entry = this.#next()) {
      const network = this.network;
      const outcome = await answerTo(entry.file, network);
      if (network !== this.network) continue; // another was chosen meanwhile
      entry.outcome = outcome;
      this.#onChange(entry);
    }
    this.#working = false;
  }

  /** The picture that is looked at comes first. */
  #next() {
    const waiting = this.entries.filter((entry) => !entry.outcome);
    return waiting.find((entry) => entry === this.shown) ?? waiting[0];
  }
}
