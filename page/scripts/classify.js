/** The page "Classify": images come in, predictions are shown. */

import { clearAnswer, reveal, showAnswer, showLoading } from "./classify/result.js";
import { offerCamera } from "./classify/camera.js";
import { offerDrawing } from "./classify/drawing.js";
import { showExamples } from "./classify/examples.js";
import { short, suited, trainedOn } from "./classify/explanations.js";
import { clearHistory, updateHistory } from "./classify/history.js";
import { chosenNetwork, offerNetworks } from "./classify/networks.js";
import { Queue } from "./classify/queue.js";
import { watchSources } from "./classify/sources.js";
import { byId, h } from "./dom.js";
import { showFooter } from "./footer.js";
import { readSite } from "./site.js";

/** @import { Site } from "./types.d.ts" */
/** @import { Entry } from "./classify/queue.js" */

const FEW = 20; // classes, all of which are shown at once
const PAUSE = 50; // milliseconds, for screen readers to notice

/** @param {string} text */
const notice = (text) => say("notice", text);

/**
 * In a live region, which is spoken anew only if it was empty before.
 *
 * @param {string} id
 * @param {string} text
 */
function say(id, text) {
  const region = byId(id, HTMLElement);
  region.textContent = "";
  setTimeout(() => {
    region.textContent = text;
  }, PAUSE);
}

/** @param {Site} site */
function start(site) {
  const onChange = (/** @type {Entry} */ entry, chosen = false) => {
    updateHistory(entry, queue);
    if (entry !== queue.shown) return;
    showAnswer(entry, queue.network);
    announce(entry);
    if (chosen) reveal();
  };
  const queue = new Queue(chosenNetwork(site.networks), onChange, showLoading);
  const onImages = (/** @type {File[] | Promise<File[]>} */ files) => {
    notice("");
    queue.add(files).catch((error) => notice(error.message));
  };
  describe(site);
  offerNetworks(site.networks, (network) => queue.use(network));
  watchSources(onImages, notice);
  showExamples(site.examples, onImages);
  offerCamera(onImages, notice);
  offerDrawing(site.data.image_shape, onImages);
  byId("clear", HTMLButtonElement).addEventListener("click", () => {
    queue.clear();
    clearHistory();
    clearAnswer();
    byId("choose", HTMLButtonElement).focus();
  });
}

/** @param {Site} site */
function describe(site) {
  byId("about", HTMLElement).textContent = trainedOn(site);
  byId("suited", HTMLElement).textContent = suited(site.networks[0].model);
  const classes = site.data.classes.map((name) => h("li", {}, h("bdi", {}, name)));
  byId("classes", HTMLElement).replaceChildren(...classes);
  byId("with-classes", HTMLDetailsElement).open = classes.length <= FEW;
  showFooter(site);
}

/**
 * For those who do not see the card.
 *
 * @param {Entry} entry
 */
function announce({ file, result }) {
  if (!result) return;
  const text = "error" in result ? result.error : short(result.prediction);
  say("status", `${file.name}: ${text}`);
}

readSite()
  .then(start)
  .catch((error) => notice(error.message));
