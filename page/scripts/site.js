/** What the page is about: the files of `data/`, each read once. */

/** @import { NetworkReport, Site, TrainingImages } from "./types.d.ts" */

/** @type {Map<string, Promise<any>>} */
const known = new Map();

/**
 * The content of a JSON file of this site; rejects with one line that names the file.
 *
 * @param {string} path
 * @returns {Promise<any>}
 */
function read(path) {
  let content = known.get(path);
  if (!content) {
    content = fetchJson(path);
    content.catch(() => known.delete(path)); // so that the next attempt asks again
    known.set(path, content);
  }
  return content;
}

/** @param {string} path */
async function fetchJson(path) {
  const response = await fetch(path);
  if (!response.ok) throw new Error(`${path}: ${response.status} ${response.statusText}`);
  return response.json();
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

/** @returns {Promise<TrainingImages>} the training images that answers are compared with */
export const readTrainingImages = () => read("data/train.json");
