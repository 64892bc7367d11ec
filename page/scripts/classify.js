/** The page "Classify": images come in, predictions are shown. */

import { offerCamera } from "./classify/camera.js";
import { offerDrawing } from "./classify/drawing.js";
import { describeResult, suitableImages } from "./classify/explanations.js";
import { clearHistory, updateHistory } from "./classify/history.js";
import { chosenNetwork, offerNetworks, purpose } from "./classify/networks.js";
import { Queue } from "./classify/queue.js";
import { clearResult, scrollToResult, showProgress, showResult } from "./classify/result.js";
import { showExamples, watchSources } from "./classify/sources.js";
import { byId, h } from "./dom.js";
import { showFooter } from "./footer.js";
import { formatCount } from "./format.js";
import { readSite } from "./site.js";

/** @import { AnyNetwork, Site } from "./types.d.ts" */
/** @import { Entry } from "./classify/queue.js" */

const MAX_OPEN_CLASSES = 20; // a longer list is collapsed at first
const ANNOUNCE_DELAY = 50; // milliseconds in which screen readers notice that a live region was emptied

/**
 * Set the text of a live region. It is read aloud again even if it is the same text.
 *
 * @param {string} id
 * @param {string} text
 */
function announce(id, text) {
  const region = byId(id);
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, ANNOUNCE_DELAY);
}

/** @param {string} text */
const notice = (text) => announce("notice", text);

/** @param {Site} site */
function start(site) {
  const onChange = (/** @type {Entry} */ entry, isChoice = false) => {
    updateHistory(entry, queue);
    if (entry !== queue.shown) return;
    showResult(entry, queue.network);
    if (entry.result) announce("status", `${entry.file.name}: ${describeResult(entry.result)}`);
    if (isChoice) scrollToResult();
  };
  const networks = [...site.networks, ...site.other_networks];
  const queue = new Queue(chosenNetwork(networks), onChange, showProgress);
  const onImages = (/** @type {File[] | Promise<File[]>} */ files) => {
    notice("");
    queue.add(files).catch((error) => notice(error.message));
  };
  describe(site, queue.network);
  showFooter(site);
  offerNetworks(networks, (network) => {
    describe(site, network);
    queue.use(network);
  });
  watchSources(onImages, notice);
  showExamples(site.examples, onImages);
  offerCamera(onImages, notice);
  offerDrawing(site.dataset.image_shape, onImages);
  byId("clear").addEventListener("click", () => {
    queue.clear();
    clearHistory();
    clearResult();
    byId("choose").focus();
  });
}

/**
 * @param {Site} site
 * @param {AnyNetwork} network
 */
function describe({ dataset: { images }, other_networks }, { metrics, model }) {
  const { classes, dataset } = model;
  const others = other_networks.map((other) => ` ${purpose(other)}, choose ${other.name}.`);
  const count = metrics ? `${formatCount(images.training)} images of ` : "";
  byId("about").textContent = `Trained on ${count}${dataset} in ${classes.length} classes.`;
  const advice = metrics ? others.join("") : "";
  byId("suitable-text").textContent = suitableImages(model) + advice;
  byId("classes").replaceChildren(...classes.map((text) => h("li", {}, h("bdi", {}, text))));
  byId("with-classes", HTMLDetailsElement).open = classes.length <= MAX_OPEN_CLASSES;
}

readSite()
  .then(start)
  .catch((error) => notice(error.message));
