/** The files of the site, loaded on demand. An error is one line that names the file. */

/** @import { ExperimentTable, NetworkReport, ReferenceImages, Site } from "./types.d.ts" */

/** @type {Map<string, Promise<any>>} */
const loaded = new Map();

/**
 * The result of `load`, which is called once; after a failure the next call tries again.
 *
 * @template Content
 * @param {string} name
 * @param {() => Promise<Content>} load
 * @returns {Promise<Content>}
 */
export function loadOnce(name, load) {
  let content = loaded.get(name);
  if (!content) {
    content = load();
    content.catch(() => loaded.delete(name));
    loaded.set(name, content);
  }
  return content;
}

/**
 * @param {string} path
 * @param {(count: number) => void} [onBytes] called with the number of bytes that just arrived
 * @returns {Promise<Blob>}
 */
export async function fetchFile(path, onBytes = () => {}) {
  /** @type {TransformStream<Uint8Array, BufferSource>} */
  const counter = new TransformStream({
    transform(chunk, controller) {
      onBytes(chunk.length);
      controller.enqueue(/** @type {BufferSource} */ (chunk));
    },
  });
  const onOffline = () => {
    throw new Error(`${path}: did not load; is this computer online?`);
  };
  const { ok, status, statusText, body } = await fetch(path).catch(onOffline);
  if (!ok) throw new Error(`${path}: did not load (${`${status} ${statusText}`.trim()})`);
  return new Response(body?.pipeThrough(counter)).blob().catch(onOffline);
}

/**
 * @param {string} path
 * @returns {Promise<any>}
 */
function readJson(path) {
  return loadOnce(path, async () => {
    const text = await (await fetchFile(path)).text();
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${path}: expected JSON, found something else`);
    }
  });
}

/** @returns {Promise<Site>} */
export const readSite = () => readJson("data/site.json");

/** @returns {Promise<ReferenceImages>} */
export const readReferenceImages = () => readJson("data/reference_images.json");

/** @returns {Promise<ExperimentTable[]>} */
export const readExperiments = () => readJson("data/experiments.json");

/** @type {NetworkReport} */
export const EMPTY_REPORT = {
  history: [],
  per_class: [],
  reliability: [],
  ood: [],
  predictions: { actual: [], predicted: [], confidence: [] },
};

/**
 * The report of a network; what its file lacks is empty.
 *
 * @param {string} network
 * @returns {Promise<NetworkReport>}
 */
export async function readReport(network) {
  return { ...EMPTY_REPORT, ...(await readJson(`data/${encodeURIComponent(network)}.json`)) };
}
