/** The page "Classify": pictures come in, answers are shown. */

import { Album } from "./classify/album.js";
import { clearAnswer, reveal, showAnswer, showLoading } from "./classify/answer.js";
import { offerCamera } from "./classify/camera.js";
import { offerDrawing } from "./classify/drawing.js";
import { showExamples } from "./classify/examples.js";
import { clearHistory, updateHistory } from "./classify/history.js";
import { chosenNetwork, offerNetworks } from "./classify/networks.js";
import { watchSources } from "./classify/sources.js";
import { short, suited, trainedOn } from "./classify/words.js";
import { byId, h } from "./dom.js";
import { showFooter } from "./footer.js";
import { readSite } from "./site.js";

/** @import { Site } from "./types.d.ts" */
/** @import { Entry } from "./classify/album.js" */

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
    updateHistory(entry, album);
    if (entry !== album.shown) return;
    showAnswer(entry, album.network);
    announce(entry);
    if (chosen) reveal();
  };
  const album = new Album(chosenNetwork(site.networks), onChange, showLoading);
  const onPictures = (/** @type {File[] | Promise<File[]>} */ files) => {
    notice("");
    album.add(files).catch((error) => notice(error.message));
  };
  describe(site);
  offerNetworks(site.networks, (network) => album.use(network));
  watchSources(onPictures, notice);
  showExamples(site.examples, onPictures);
  offerCamera(onPictures, notice);
  offerDrawing(site.data.image_shape, onPictures);
  byId("clear", HTMLButtonElement).addEventListener("click", () => {
    album.clear();
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
function announce({ file, outcome }) {
  if (!outcome) return;
  const text = "error" in outcome ? outcome.error : short(outcome.answer);
  say("status", `${file.name}: ${text}`);
}

readSite()
  .then(start)
  .catch((error) => notice(error.message));
