/** A key as a title: its prefix dimmed, its own name not. */
export function PanelTitle({ label }: { label: string }) {
  const slash = label.lastIndexOf('/') + 1;
  return (
    <span title={label}>
      {slash > 0 && <span className="text-ink-3">{label.slice(0, slash)}</span>}
      <span className="font-medium">{label.slice(slash)}</span>
    </span>
  );
}
