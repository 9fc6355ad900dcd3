/** Small bars, one for each value. */
export function Sparkline({ values, label }: { values: number[]; label: string }) {
  const most = Math.max(1, ...values);
  const width = 4;
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${values.length * width} 20`}
      className="h-5 w-30"
      preserveAspectRatio="none"
    >
      <title>{label}</title>
      <path d={`M0 19.5h${values.length * width}`} stroke="var(--line)" />
      {values.map((value, index) => {
        const height = value > 0 ? Math.max(2, (value / most) * 18) : 0;
        // Days do not move.
        // oxlint-disable-next-line react/no-array-index-key
        return (
          <rect
            key={index}
            x={index * width}
            y={19 - height}
            width={width - 1}
            height={height}
            fill="var(--accent)"
          />
        );
      })}
    </svg>
  );
}
