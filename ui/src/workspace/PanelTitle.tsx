import type { Stream } from '~/api/schema';

/** A key as a title: its prefix dimmed, its own name not. */
export function PanelTitle({ label, stream }: { label: string; stream: Stream }) {
  // Names of system metrics hold paths of disks.
  const slash = stream === 'system' ? 0 : label.lastIndexOf('/') + 1;
  return (
    <span title={label}>
      {slash > 0 && <span className="text-ink-3">{label.slice(0, slash)}</span>}
      <span className="font-medium">{label.slice(slash)}</span>
    </span>
  );
}
