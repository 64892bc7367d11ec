/**
 * An exported network in the browser, and its answers: `fashion/inference/classifier.py` says the
 * same of the same images.
 */

/** @import { InferenceSession } from "../../runtime/ort.wasm.min.mjs" */
/** @import { Model } from "../types.d.ts" */

/**
 * @typedef {object} Answer
 * @property {string} label the most probable class, or one of the two below
 * @property {number} best the place of the most probable class, also where `label` is none
 * @property {number[]} probabilities in the order of the classes; their sum is 1
 * @property {number} distance mean distance of the features to the nearest training images, 0 to 2
 * @property {number[]} neighbours rows of the training set, the nearest first
 */

export const UNFAMILIAR = "none of the classes";
export const UNSURE = "not sure";

/** @param {string} label whether it is no class */
export const isNone = (label) => label === UNFAMILIAR || label === UNSURE;

const OUTPUTS = ["probabilities", "distance", "neighbours"];

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
   * A network ready to answer; the first one loads the runtime, too. Rejects with one line.
   *
   * @param {Model} model
   */
  static async load(model) {
    const [runtime, file] = await Promise.all([loadRuntime(), readModel(model.file)]);
    const session = await runtime.InferenceSession.create(file).catch((error) => {
      throw new Error(`${model.file}: expected an ONNX model: ${error.message}`);
    });
    return new Classifier(model, session, runtime);
  }

  /**
   * An answer for each of `count` images, uint8 and one after the other in `images`.
   *
   * @param {Uint8Array} images
   * @param {number} [count]
   * @returns {Promise<Answer[]>}
   */
  classify(images, count = 1) {
    const answers = this.#last.then(() => this.#run(images, count)); // a session runs one at a time
    this.#last = answers.catch(() => {});
    return answers;
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
      toAnswer(
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
 * @returns {Answer}
 */
function toAnswer(model, probabilities, distance, neighbours) {
  const best = probabilities.indexOf(Math.max(...probabilities));
  let label = model.classes[best];
  if (probabilities[best] < model.unsure_below) label = UNSURE;
  // NumPy compares in the precision of the distance.
  if (distance > Math.fround(model.unfamiliar_distance)) label = UNFAMILIAR;
  return { label, best, probabilities, distance, neighbours };
}

/** @param {string} file */
async function readModel(file) {
  const response = await fetch(file);
  if (!response.ok) throw new Error(`${file}: ${response.status} ${response.statusText}`);
  return new Uint8Array(await response.arrayBuffer());
}

async function loadRuntime() {
  const runtime = await import("../../runtime/ort.wasm.min.mjs");
  runtime.env.wasm.wasmPaths = new URL("runtime/", document.baseURI).href;
  runtime.env.wasm.numThreads = 1; // more would need headers that a static host may not send
  return runtime;
}
