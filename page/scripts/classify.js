/** The page "Classify": pictures come in, answers are shown. */

import { Album } from "./classify/album.js";
import { showAnswer } from "./classify/answer.js";
import { offerCamera } from "./classify/camera.js";
import { offerDrawing } from "./classify/drawing.js";
import { showExamples } from "./classify/examples.js";
import { updateHistory } from "./classify/history.js";
import { offerNetworks } from "./classify/networks.js";
import { watchSources } from "./classify/sources.js";
import { short, suited, trainedOn } from "./classify/words.js";
import { byId, h } from "./dom.js";
import { showFooter } from "./footer.js";
import { readSite } from "./site.js";

/** @import { Site } from "./types.d.ts" */
/** @import { Entry } from "./classify/album.js" */

const FEW = 20; // classes, all of which are shown at once

/** @param {string} text */
const notice = (text) => {
  byId("notice", HTMLElement).textContent = text;
};

/** @param {Site} site */
function start(site) {
  const album = new Album(site.networks[0], (entry) => {
    updateHistory(entry, album);
    if (entry !== album.shown) return;
    showAnswer(entry, album.network);
    announce(entry);
  });
  const onPictures = (/** @type {File[]} */ files) => {
    notice("");
    album.add(files);
  };
  describe(site);
  offerNetworks(site.networks, (network) => album.use(network));
  watchSources(onPictures, notice);
  showExamples(site.examples, onPictures, notice);
  offerCamera(onPictures, notice);
  offerDrawing(site.data.image_shape, onPictures);
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
  const text = "error" in outcome ? outcome.error : `${file.name}: ${short(outcome.answer)}`;
  byId("status", HTMLElement).textContent = text;
}

readSite().then(start, (error) => notice(error.message));
