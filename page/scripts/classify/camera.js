/** An image taken with the camera. */

import { byId } from "../dom.js";

/** @type {Record<string, string>} */
const PROBLEMS = {
  NotAllowedError: "The camera was refused; allow it in the browser's settings of this page.",
  NotFoundError: "No camera was found.",
  NotReadableError: "The camera is in use by another program.",
};

/**
 * @param {(files: File[]) => void} onImages
 * @param {(problem: string) => void} onProblem
 */
export function offerCamera(onImages, onProblem) {
  const dialog = byId("camera", HTMLDialogElement);
  const video = byId("camera-view", HTMLVideoElement);
  const take = byId("take", HTMLButtonElement);

  byId("open-camera", HTMLButtonElement).addEventListener("click", async () => {
    dialog.showModal();
    try {
      await start(dialog, video);
    } catch (error) {
      dialog.close();
      onProblem(problemOf(/** @type {Error} */ (error)));
    }
  });
  video.addEventListener("playing", () => {
    take.disabled = false;
    take.focus();
  });
  take.addEventListener("click", async () => {
    take.disabled = true; // one image, however often it is pressed
    const image = await still(video);
    if (!dialog.open) return;
    dialog.close();
    onImages([image]);
  });
  byId("leave-camera", HTMLButtonElement).addEventListener("click", () => dialog.close());
  dialog.addEventListener("close", () => {
    stop(video.srcObject);
    video.srcObject = null;
    take.disabled = true;
  });
}

/**
 * @param {HTMLDialogElement} dialog
 * @param {HTMLVideoElement} video
 */
async function start(dialog, video) {
  if (!navigator.mediaDevices) throw new Error("The camera needs https, or this machine.");
  const stream = await navigator.mediaDevices.getUserMedia({
    video: { facingMode: "environment" },
  });
  // The dialog may have been closed meanwhile, and even opened again.
  if (dialog.open && !video.srcObject) video.srcObject = stream;
  else stop(stream);
}

/** @param {MediaProvider | null} stream */
function stop(stream) {
  if (stream instanceof MediaStream) for (const track of stream.getTracks()) track.stop();
}

/** @param {Error} error */
const problemOf = (error) => PROBLEMS[error.name] ?? `Camera: ${error.message}`;

/** @param {HTMLVideoElement} video */
async function still(video) {
  const canvas = new OffscreenCanvas(video.videoWidth, video.videoHeight);
  canvas.getContext("2d")?.drawImage(video, 0, 0);
  return new File([await canvas.convertToBlob()], "camera.png");
}
