/**
 * An exported network in the browser, and its predictions: `fashion_predict/classifier.py` says the
 * same of the same images.
 */

import { fetchFile, once } from "../site.js";

/** @import { InferenceSession } from "../../runtime/ort.wasm.min.mjs" */
/** @import { Model } from "../types.d.ts" */

/**
 * @typedef {object} Prediction
 * @property {string} label the most probable class, or one of the two below
 * @property {number} best the place of the most probable class, also where `label` is none
 * @property {number[]} probabilities in the order of the classes; their sum is 1
 * @property {number} distance mean distance of the features to the nearest training images, 0 to 2
 * @property {number[]} neighbours rows of the training set, the nearest first
 */

/** @typedef {(loaded: number, total: number) => void} OnProgress in bytes */

export const OOD = "none of the classes";
export const UNCERTAIN = "not sure";

/** @param {string} label whether it is no class */
export const isNone = (label) => label === OOD || label === UNCERTAIN;

const OUTPUTS = ["probabilities", "distance", "neighbours"];
const RUNTIME = ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.mjs", "ort.wasm.min.mjs"];
const RUNTIME_BYTES = 14_314_404; // of all three; a host that compresses them does not say
const NOT_STARTED = "no available backend found";

export class Classifier {
  /** @type {Promise<unknown>} */
  #last = Promise.resolve();
  #session;
  #runtime;

  /**
   * @param {Model} model
   * @param {InferenceSession} session
   * @param {typeof import("../../runtime/ort.wasm.min.mjs")} runtime
   */
  constructor(model, session, runtime) {
    this.model = model;
    this.#session = session;
    this.#runtime = runtime;
  }

  /**
   * A network ready to prediction; the first one loads the runtime, too. Rejects with one line.
   *
   * @param {Model} model
   * @param {OnProgress} [onProgress]
   */
  static load(model, onProgress = () => {}) {
    return once(model.file, async () => {
      let [loaded, total] = [0, model.bytes];
      const onBytes = (/** @type {number} */ count, expected = 0) => {
        loaded += count;
        total += expected;
        onProgress(loaded, total);
      };
      const [runtime, file] = await Promise.all([
        loadRuntime(onBytes),
        fetchFile(model.file, onBytes).then(bytesOf),
      ]);
      const session = await runtime.InferenceSession.create(file).catch(({ message }) => {
        if (message.startsWith(NOT_STARTED)) throw new Error(`runtime: did not start: ${message}`);
        throw new Error(`${model.file}: expected an ONNX model: ${message}`);
      });
      return new Classifier(model, session, runtime);
    });
  }

  /**
   * An prediction for each of `count` images, uint8 and one after the other in `images`.
   *
   * @param {Uint8Array} images
   * @param {number} [count]
   * @returns {Promise<Prediction[]>}
   */
  classify(images, count = 1) {
    const predictions = this.#last.then(() => this.#run(images, count)); // a session runs one at a time
    this.#last = predictions.catch(() => {});
    return predictions;
  }

  /**
   * @param {Uint8Array} images
   * @param {number} count
   */
  async #run(images, count) {
    const shape = [count, ...this.model.image_shape];
    const tensor = new this.#runtime.Tensor("uint8", images, shape);
    const results = await this.#session.run({ images: tensor }, OUTPUTS);
    const [probabilities, distance, neighbours] = OUTPUTS.map((name) =>
      Array.from(results[name].data, Number),
    );
    const classes = this.model.classes.length;
    const nearest = neighbours.length / count;
    return distance.map((value, place) =>
      toPrediction(
        this.model,
        probabilities.slice(place * classes, (place + 1) * classes),
        value,
        neighbours.slice(place * nearest, (place + 1) * nearest),
      ),
    );
  }
}

/**
 * @param {Model} model
 * @param {number[]} probabilities
 * @param {number} distance
 * @param {number[]} neighbours
 * @returns {Prediction}
 */
function toPrediction(model, probabilities, distance, neighbours) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  let label = model.classes[best];
  if (probabilities[best] < model.min_confidence) label = UNCERTAIN;
  // NumPy compares in the precision of the distance.
  if (distance > Math.fround(model.ood_threshold)) label = OOD;
  return { label, best, probabilities, distance, neighbours };
}

/**
 * Browsers and the runtime remember a file that failed to load, so all are here before they start.
 *
 * @param {(count: number, expected?: number) => void} onBytes
 */
function loadRuntime(onBytes) {
  return once("runtime", async () => {
    onBytes(0, RUNTIME_BYTES);
    const files = RUNTIME.map((file) => fetchFile(`runtime/${file}`, onBytes));
    const [binary] = await Promise.all(files);
    const runtime = await import("../../runtime/ort.wasm.min.mjs");
    runtime.env.wasm.wasmBinary = await bytesOf(binary);
    runtime.env.wasm.wasmPaths = new URL("runtime/", document.baseURI).href;
    runtime.env.wasm.numThreads = 1; // more would need headers that a static host may not send
    return runtime;
  });
}

/** @param {Blob} blob */
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());
