/** The images so far, and the loop that predicts one after the other. */

import { predict } from "./prediction.js";

/** @import { AnyNetwork } from "../types.d.ts" */
/** @import { OnProgress } from "../inference/classifier.js" */
/** @import { Result } from "./prediction.js" */

/**
 * @typedef {object} Entry
 * @property {File} file
 * @property {string} url
 * @property {Result | null} result null while the image waits
 */

export class Queue {
  /** @type {Entry[]} */
  entries = [];
  /** @type {Entry | null} */
  shown = null;
  #isRunning = false;
  #choices = 0;
  #onChange;
  #onProgress;

  /**
   * @param {AnyNetwork} network
   * @param {(entry: Entry, isChoice?: boolean) => void} onChange an entry is new, has a result or,
   *   as `isChoice`, is shown from now on
   * @param {OnProgress} onProgress of loading a network
   */
  constructor(network, onChange, onProgress) {
    this.network = network;
    this.#onChange = onChange;
    this.#onProgress = onProgress;
  }

  /**
   * Add files and show the first. A later choice cancels files that are still loading.
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

  /**
   * Show an image. If its prediction failed for another reason than the image, try again.
   *
   * @param {Entry} entry
   */
  show(entry) {
    this.#choices++;
    const previous = this.shown;
    this.shown = entry;
    if (entry.result && "error" in entry.result && !entry.result.isFinal) entry.result = null;
    if (previous && previous !== entry) this.#onChange(previous);
    this.#onChange(entry, true);
    this.#run();
  }

  /** @param {AnyNetwork} network predicts all images again */
  use(network) {
    this.network = network;
    for (const entry of this.entries) {
      entry.result = null;
      this.#onChange(entry);
    }
    this.#run();
  }

  /** Remove all images. */
  clear() {
    this.#choices++;
    for (const { url } of this.entries) URL.revokeObjectURL(url);
    this.entries = [];
    this.shown = null;
  }

  async #run() {
    if (this.#isRunning) return;
    this.#isRunning = true;
    try {
      for (let entry = this.#next(); entry; entry = this.#next()) {
        const network = this.network;
        const result = await predict(entry.file, network, this.#onProgress);
        if (network !== this.network) continue; // another network was chosen in the meantime
        entry.result = result;
        if (this.entries.includes(entry)) this.#onChange(entry);
      }
    } finally {
      this.#isRunning = false;
    }
  }

  /** The waiting image that is shown, else the first one. */
  #next() {
    const waiting = this.entries.filter((entry) => !entry.result);
    return waiting.find((entry) => entry === this.shown) ?? waiting[0];
  }
}
