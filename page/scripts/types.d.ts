/** The files that `make page` writes into `data/`, as the scripts read them. */

/** `data/site.json`. */
export interface Site {
  dataset: {
    name: string;
    homepage: string | null;
    license: string | null;
    classes: string[]; // in the order of labels
    image_shape: number[]; // [height, width] or [height, width, 3]
    images: { training: number; validation: number; test: number };
  };
  networks: Network[]; // highest accuracy first
  other_networks: AnyNetwork[]; // trained on other datasets, to classify with
  accuracy_figure: string | null; // path of the figure of accuracy against computation
  sprites: Sprites; // the test images, in the order of the dataset
  label_issues: LabelIssues | null; // if they were searched
  examples: string[]; // paths of images to try
}

export interface Network {
  name: string;
  tta: "none" | "flip" | "flip_shift"; // test-time augmentation of `metrics.accuracy`
  metrics: Record<string, number>; // reports/NETWORK/metrics.json
  seeds: { n: number; mean: number; sd: number } | null; // accuracy over n seeds
  training_seconds: number | null; // median over the seeds
  instructions: string | null; // vector instructions of the processor of these trainings
  model: Model;
}

/** A network to classify with. Without `metrics`, it was trained on another dataset. */
export type AnyNetwork = Pick<Network, "name" | "model"> & Partial<Network>;

/** `models/NETWORK.onnx` and its metadata. */
export interface Model {
  file: string;
  bytes: number;
  dataset: string; // its name
  classes: string[];
  image_shape: number[];
  preprocessing: "fashion_mnist" | "crop" | "pad";
  ood_threshold: number;
  target_fpr: number;
  min_confidence: number;
}

/** Training images whose labels are probably wrong, the most suspicious first. */
export interface LabelIssues {
  indices: number[]; // among the training images
  sprites: Sprites;
  predictions: Predictions;
}

/** Files that hold `per_file` images each, in rows of `columns`. */
export interface Sprites {
  files: string[];
  per_file: number;
  columns: number;
  height: number; // of one image, in pixels
  width: number;
}

/** `data/reference_images.json`: the training images with which models compare an image. */
export interface ReferenceImages {
  indices: number[]; // among the training images, ascending
  labels: number[];
  sprites: Sprites; // in the order of `indices`
}

/** `data/experiments.json`: branches and DVC experiments of each network, most rows first. */
export interface ExperimentTable {
  network: string;
  parameters: string[]; // dotted names of those that differ between the rows
  rows: Experiment[];
}

export interface Experiment {
  name: string; // unique
  base: string | null; // the row from which an experiment started; null for a branch or commit
  date: string | null; // of the commit; null for a commit that is no branch
  scores: Record<string, number>; // a part of `Network.metrics`
  parameters: (string | number | boolean | null | unknown[])[]; // null: none
  curves: Partial<Record<"epoch" | "val_accuracy" | "val_loss", number[]>>; // equally long
}

/** `data/NETWORK.json`: the report of a network. */
export interface NetworkReport {
  history: Epoch[];
  per_class: { class: string; precision: number; recall: number; f1: number }[];
  reliability: { confidence: number; accuracy: number; count: number }[]; // bins with images
  ood: OodRow[];
  predictions: Predictions;
}

export interface Predictions {
  actual: number[]; // labels
  predicted: number[];
  confidence: number[];
}

export interface Epoch {
  epoch: number;
  accuracy: number;
  val_accuracy: number;
  loss: number;
  val_loss: number;
}

/** OOD detection on one dataset of OOD images, or the mean over all. */
export interface OodRow {
  dataset: string;
  knn_auroc: number;
  knn_tpr: number;
  energy_auroc: number;
  energy_tpr: number;
}
