/** An exported network in the browser. It predicts what `fashion_predict/classifier.py` predicts. */

import { fetchFile, loadOnce } from "../site.js";

/** @import { InferenceSession } from "../../runtime/ort.wasm.min.mjs" */
/** @import { Model } from "../types.d.ts" */

/**
 * @typedef {object} Prediction
 * @property {string | null} label the most probable class; null if `isOod` or `isUncertain`
 * @property {boolean} isOod `oodScore` is above the threshold: probably none of the classes
 * @property {boolean} isUncertain the highest probability is below `min_confidence`
 * @property {number} top1 index of the most probable class, even if `label` is null
 * @property {number[]} probabilities in the order of the classes; they sum to 1
 * @property {number} oodScore mean distance of the features to the nearest reference images, 0 to 2
 * @property {number[]} referenceIndices of these images among the training images, nearest first
 */

/** @typedef {(loaded: number, total: number) => void} OnProgress in bytes */

const OUTPUTS = ["probabilities", "ood_score", "reference_indices"];
const RUNTIME = ["ort-wasm-simd-threaded.wasm", "ort-wasm-simd-threaded.mjs", "ort.wasm.min.mjs"];
const RUNTIME_BYTES = 14_314_404; // of all three; a compressed response does not tell its size
const RUNTIME_ERROR = "no available backend found";

export class Classifier {
  /** @type {Promise<unknown>} */
  #previous = Promise.resolve();
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
   * Load a network, and the runtime with the first one. Rejects with a one-line message.
   *
   * @param {Model} model
   * @param {OnProgress} [onProgress]
   */
  static load(model, onProgress = () => {}) {
    return loadOnce(model.file, async () => {
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
        if (message.startsWith(RUNTIME_ERROR))
          throw new Error(`runtime: did not start: ${message}`);
        throw new Error(`${model.file}: expected an ONNX model: ${message}`);
      });
      return new Classifier(model, session, runtime);
    });
  }

  /**
   * @param {Uint8Array} images `count` preprocessed images, one after the other
   * @param {number} [count]
   * @returns {Promise<Prediction[]>}
   */
  predict(images, count = 1) {
    // A session runs one batch at a time.
    const predictions = this.#previous.then(() => this.#run(images, count));
    this.#previous = predictions.catch(() => {});
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
    return Array.from({ length: count }, (_, image) => {
      const [probabilities, [oodScore], referenceIndices] = OUTPUTS.map((name) => {
        const values = Array.from(results[name].data, Number);
        const size = values.length / count;
        return values.slice(image * size, (image + 1) * size);
      });
      return toPrediction(this.model, probabilities, oodScore, referenceIndices);
    });
  }
}

/**
 * @param {Model} model
 * @param {number[]} probabilities
 * @param {number} oodScore
 * @param {number[]} referenceIndices
 * @returns {Prediction}
 */
function toPrediction(model, probabilities, oodScore, referenceIndices) {
  const top1 = probabilities.indexOf(Math.max(...probabilities));
  // Compared in float32, as in Python.
  const isOod = oodScore > Math.fround(model.ood_threshold);
  const isUncertain = probabilities[top1] < Math.fround(model.min_confidence);
  const label = isOod || isUncertain ? null : model.classes[top1];
  return { label, isOod, isUncertain, top1, probabilities, oodScore, referenceIndices };
}

/**
 * Fetch all files of the runtime before it starts: browsers and the runtime never retry a file that
 * failed to load.
 *
 * @param {(count: number, expected?: number) => void} onBytes
 */
function loadRuntime(onBytes) {
  return loadOnce("runtime", async () => {
    onBytes(0, RUNTIME_BYTES);
    const files = RUNTIME.map((file) => fetchFile(`runtime/${file}`, onBytes));
    const [binary] = await Promise.all(files);
    const runtime = await import("../../runtime/ort.wasm.min.mjs");
    runtime.env.wasm.wasmBinary = await bytesOf(binary);
    runtime.env.wasm.wasmPaths = new URL("runtime/", document.baseURI).href;
    runtime.env.wasm.numThreads = 1; // threads need headers that a static host may not send
    return runtime;
  });
}

/** @param {Blob} blob */
const bytesOf = async (blob) => new Uint8Array(await blob.arrayBuffer());
