import type { PanelSpec } from '~/panels/panel';

/** A key as a title: its prefix dimmed, its own name not. */
export function PanelTitle({ spec: { label, stream, curves } }: { spec: PanelSpec }) {
  // Names of system metrics hold paths of disks, expressions divide.
  const slash = stream === 'system' || curves ? 0 : label.lastIndexOf('/') + 1;
  return (
    <span title={label}>
      {slash > 0 && <span className="text-ink-3">{label.slice(0, slash)}</span>}
      <span className="font-medium">{label.slice(slash)}</span>
    </span>
  );
}
