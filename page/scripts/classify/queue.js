/** The images so far, and the loop that predictions them, one after the other. */

import { predict } from "./prediction.js";

/** @import { Network } from "../types.d.ts" */
/** @import { OnProgress } from "../inference/classifier.js" */
/** @import { Result } from "./prediction.js" */

/**
 * @typedef {object} Entry an image, and what became of it
 * @property {File} file
 * @property {string} url
 * @property {Result | null} result null until there is one
 */

export class Queue {
  /** @type {Entry[]} */
  entries = [];
  /** @type {Entry | null} */
  shown = null;
  #working = false;
  #choices = 0;
  #onChange;
  #onProgress;

  /**
   * @param {Network} network
   * @param {(entry: Entry, chosen?: boolean) => void} onChange an entry is new, has a result,
   *   or is shown now, as `chosen`
   * @param {OnProgress} onProgress of what the network needs
   */
  constructor(network, onChange, onProgress) {
    this.network = network;
    this.#onChange = onChange;
    this.#onProgress = onProgress;
  }

  /**
   * The first is shown; nothing is added if another choice is made before the files are there.
   *
   * @param {File[] | Promise<File[]>} files
   */
  async add(files) {
    const choice = ++this.#choices;
    const ready = await files;
    if (choice !== this.#choices || !ready.length) return;
    const added = ready.map((file) => ({ file, url: URL.createObjectURL(file), result: null }));
    this.entries.push(...added);
    for (const entry of added) this.#onChange(entry);
    this.show(added[0]);
  }

  /** @param {Entry} entry is tried again, if it was not its image that failed */
  show(entry) {
    this.#choices++;
    const before = this.shown;
    this.shown = entry;
    if (entry.result && "error" in entry.result && !entry.result.final) entry.result = null;
    if (before && before !== entry) this.#onChange(before);
    this.#onChange(entry, true);
    this.#work();
  }

  /** @param {Network} network predictions all images again */
  use(network) {
    this.network = network;
    for (const entry of this.entries) {
      entry.result = null;
      this.#onChange(entry);
    }
    this.#work();
  }

  /** Forget all images. */
  clear() {
    this.#choices++;
    for (const { url } of this.entries) URL.revokeObjectURL(url);
    this.entries = [];
    this.shown = null;
  }

  async #work() {
    if (this.#working) return;
    this.#working = true;
    try {
      for (let entry = this.#next(); entry; entry = this.#next()) {
        const network = this.network;
        const result = await predict(entry.file, network, this.#onProgress);
        if (network !== this.network) continue; // another was chosen meanwhile
        entry.result = result;
        if (this.entries.includes(entry)) this.#onChange(entry);
      }
    } finally {
      this.#working = false;
    }
  }

  /** The image that is looked at comes first. */
  #next() {
    const waiting = this.entries.filter((entry) => !entry.result);
    return waiting.find((entry) => entry === this.shown) ?? waiting[0];
  }
}
