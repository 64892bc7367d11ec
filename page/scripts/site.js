/** The files of the site, loaded when they are needed; an error is one line that names the file. */

/** @import { NetworkReport, Site, TrainingImages } from "./types.d.ts" */

/** @type {Map<string, Promise<any>>} */
const known = new Map();

/**
 * What `load` gives, asked once; a failure is forgotten, so that the next attempt asks again.
 *
 * @template Content
 * @param {string} name
 * @param {() => Promise<Content>} load
 * @returns {Promise<Content>}
 */
export function once(name, load) {
  let content = known.get(name);
  if (!content) {
    content = load();
    content.catch(() => known.delete(name));
    known.set(name, content);
  }
  return content;
}

/**
 * @param {string} path
 * @param {(count: number) => void} [onBytes] so many more have come
 * @returns {Promise<Blob>}
 */
export async function fetchFile(path, onBytes = () => {}) {
  /** @type {TransformStream<Uint8Array, BufferSource>} */
  const counting = new TransformStream({
    transform(chunk, controller) {
      onBytes(chunk.length);
      controller.enqueue(/** @type {BufferSource} */ (chunk));
    },
  });
  const offline = () => {
    throw new Error(`${path}: did not load; is this machine online?`);
  };
  const { ok, status, statusText, body } = await fetch(path).catch(offline);
  if (!ok) throw new Error(`${path}: did not load (${`${status} ${statusText}`.trim()})`);
  return new Response(body?.pipeThrough(counting)).blob().catch(offline);
}

/**
 * @param {string} path of a JSON file
 * @returns {Promise<any>}
 */
function read(path) {
  return once(path, async () => {
    const text = await (await fetchFile(path)).text();
    try {
      return JSON.parse(text);
    } catch {
      throw new Error(`${path}: expected JSON, received something else`);
    }
  });
}

/** @returns {Promise<Site>} the data set and the networks, the most accurate first */
export const readSite = () => read("data/site.json");

/**
 * All that is known of one network.
 *
 * @param {string} network
 * @returns {Promise<NetworkReport>}
 */
export const readReport = (network) => read(`data/${encodeURIComponent(network)}.json`);

/** @returns {Promise<TrainingImages>} the training images that predictions are compared with */
export const readTrainingImages = () => read("data/train.json");
