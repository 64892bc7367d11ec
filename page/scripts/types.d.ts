/** The files that `make page` writes into `data/`, as the scripts read them. */

/** `data/site.json`. */
export interface Site {
  data: {
    name: string;
    homepage: string | null;
    license: string | null;
    classes: string[]; // in the order of labels
    image_shape: number[]; // [height, width], in colour [height, width, 3]
    images: { training: number; validation: number; test: number };
  };
  networks: Network[]; // the most accurate first
  accuracy_figure: string | null; // accuracy against computation, as a path
  sheet: SpriteSheet; // the test images, in their order
  examples: string[]; // images to try, as paths
}

/** A network: what a table says of it, and its exported model. */
export interface Network {
  name: string;
  tta: "none" | "flip" | "flip_shift"; // test-time augmentation of `metrics`
  metrics: Record<string, number>; // reports/NAME/metrics.json
  seeds: { n: number; mean: number; sd: number } | null; // of the accuracy
  training_seconds: number | null; // median of the seeds
  instructions: string | null; // of the processor that trained them
  formats: Record<string, { bytes: number; max_abs_diff: number; accuracy: number }>;
  model: Model;
}

/** An ONNX file, and what its metadata say. */
export interface Model {
  file: string;
  bytes: number;
  classes: string[];
  image_shape: number[];
  preprocessing: "fashion_mnist" | "crop" | "pad";
  ood_threshold: number;
  target_fpr: number;
  min_confidence: number;
}

/** Images side by side in PNG files: `per_file` in each, in rows of `columns`. */
export interface SpriteSheet {
  files: string[];
  per_file: number;
  columns: number;
  height: number; // of one image, in pixels
  width: number;
}

/** `data/train.json`: the training images that models keep to compare with. */
export interface TrainingImages {
  rows: number[]; // their places in the training set, ascending, as the model names them
  labels: number[];
  sheet: SpriteSheet; // in the order of `rows`
}

/** `data/NETWORK.json`: the committed report of a network, labels instead of names. */
export interface NetworkReport {
  history: Epoch[];
  per_class: { class: string; precision: number; recall: number; f1: number }[];
  reliability: { confidence: number; accuracy: number; count: number }[];
  unfamiliar: Record<string, string | number>[];
  predictions: { actual: number[]; predicted: number[]; confidence: number[] };
}

export interface Epoch {
  epoch: number;
  accuracy: number;
  val_accuracy: number;
  loss: number;
  val_loss: number;
}
