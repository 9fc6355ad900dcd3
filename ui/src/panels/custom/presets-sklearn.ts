import type { JsonObject } from '~/api/schema';
import { colorOfRuns, quantitative, RUN_DASH, type Preset } from './preset';

/** Charts of `wandb.sklearn`, which name no fields: their tables always have the same columns. */

const byModel: JsonObject = { field: 'model', type: 'nominal', title: null };
const byDataset: JsonObject = { field: 'dataset', type: 'nominal', title: null };
const line: JsonObject = { type: 'line', point: true };
const cloud: JsonObject = { type: 'point', filled: true, opacity: 0.7 };

export const SKLEARN_PRESETS: Record<string, Preset> = {
  'wandb/feature_importances/v1': (_field, _text, runs) => ({
    mark: 'bar',
    encoding: {
      x: { field: 'importances', type: 'quantitative' },
      y: { field: 'feature_names', type: 'nominal', sort: '-x', title: null },
      yOffset: { field: 'run' },
      color: colorOfRuns(runs),
    },
  }),
  'wandb/learning_curve/v1': () => ({
    mark: line,
    encoding: {
      x: quantitative('train_size', 'training set size'),
      y: quantitative('score'),
      color: byDataset,
      strokeDash: RUN_DASH,
    },
  }),
  'wandb/elbow/v1': (_field, _text, runs) => ({
    mark: line,
    encoding: {
      x: quantitative('cluster_ranges', 'clusters'),
      y: quantitative('errors', 'error'),
      color: colorOfRuns(runs),
    },
  }),
  'wandb/class_proportions/v1': () => ({
    mark: 'bar',
    encoding: {
      x: { field: 'class', type: 'nominal' },
      xOffset: { field: 'dataset' },
      y: { field: 'count', type: 'quantitative', aggregate: 'sum' },
      color: byDataset,
    },
  }),
  'wandb/residuals_plot/v1': () => ({
    mark: cloud,
    encoding: {
      x: quantitative('y_pred', 'predicted'),
      y: quantitative('residuals', 'residual'),
      color: byDataset,
    },
  }),
  'wandb/silhouette_/v1': () => ({
    mark: { type: 'bar', height: 1 },
    encoding: {
      x: { field: 'x2', type: 'quantitative', title: 'silhouette coefficient' },
      y: { field: 'y_sil', type: 'quantitative', title: null, axis: null },
      color: { field: 'color_sil', type: 'nominal', title: 'cluster' },
    },
  }),
  'wandb/outliers/v1': (_field, _text, runs) => ({
    mark: { type: 'bar', width: 2 },
    encoding: {
      x: { field: 'instance_indicies', type: 'quantitative', title: 'instance' },
      y: { field: 'distance', type: 'quantitative', title: "Cook's distance" },
      color: colorOfRuns(runs),
    },
  }),
  'wandb/calibration/v1': () => ({
    mark: line,
    encoding: {
      x: quantitative('mean_predicted_value', 'mean predicted value'),
      y: quantitative('fraction_of_positives', 'fraction of positives'),
      color: byModel,
      strokeDash: RUN_DASH,
    },
  }),
  'wandb/metrics/v1': (_field, _text, runs) => ({
    mark: 'bar',
    encoding: {
      x: { field: 'metric_value', type: 'quantitative', title: null },
      y: { field: 'metric_name', type: 'nominal', title: null },
      yOffset: { field: 'run' },
      color: colorOfRuns(runs),
    },
  }),
  'wandb/decision_boundaries/v1': () => ({
    mark: cloud,
    encoding: {
      x: quantitative('x'),
      y: quantitative('y'),
      color: { field: 'color', type: 'nominal', title: 'class' },
    },
  }),
};
