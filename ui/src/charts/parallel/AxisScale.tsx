import { axisTicks, brushStretches, NONE_PLACE, type AxisBrush, type ParallelAxis } from './axes';
import { yOf, type Frame } from './draw';

const MAX_LABEL = 15;

export interface AxisScaleProps {
  axis: ParallelAxis;
  x: number;
  frame: Frame;
  brush: AxisBrush | undefined;
}

/** The line of an axis with its ticks, and what of it is brushed. */
export function AxisScale({ axis, x, frame, brush }: AxisScaleProps) {
  const ticks = axisTicks(axis, frame.foot - frame.top);
  return (
    <g>
      <line x1={x} x2={x} y1={frame.top} y2={frame.foot} stroke="var(--line-strong)" />
      {brush &&
        brushStretches(axis, brush).map(([low, high]) => {
          const y = yOf(frame, high);
          return (
            <rect
              key={low}
              x={x - 6}
              width={12}
              y={y}
              height={Math.max(2, yOf(frame, low) - y)}
              rx={2}
              fill="var(--accent)"
              fillOpacity={0.22}
              stroke="var(--accent)"
            />
          );
        })}
      {ticks.map(({ place, label }) => (
        <g key={`${place} ${label}`} transform={`translate(${x} ${yOf(frame, place)})`}>
          <line x1={-3} x2={3} stroke="var(--line-strong)" />
          <text
            x={7}
            dy="0.32em"
            className="tabular"
            fontSize={11}
            fontStyle={place === NONE_PLACE ? 'italic' : undefined}
            fill="var(--text-2)"
            stroke="var(--bg)"
            strokeWidth={4}
            strokeLinejoin="round"
            paintOrder="stroke"
          >
            {label.length > MAX_LABEL ? `${label.slice(0, MAX_LABEL - 1)}…` : label}
          </text>
        </g>
      ))}
    </g>
  );
}
