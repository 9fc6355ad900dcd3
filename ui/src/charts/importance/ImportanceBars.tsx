import { byImportance, correlationMeaning, correlationText, type ImportanceItem } from './model';

export interface ImportanceBarsProps {
  label: string;
  metric: string;
  items: ImportanceItem[];
}

/** How much each parameter matters for a metric, and which way. */
export function ImportanceBars({ label, metric, items }: ImportanceBarsProps) {
  const most = Math.max(...items.map(({ importance }) => importance), Number.MIN_VALUE);
  return (
    <table aria-label={label} className="w-full table-fixed border-collapse">
      <thead>
        <tr className="h-7 border-b border-line text-left text-12 text-ink-3 [&_th]:font-normal">
          <th scope="col" className="w-[30%]">
            Parameter
          </th>
          <th scope="col">Importance</th>
          <th scope="col" className="w-[36%] text-center">
            Correlation
          </th>
        </tr>
      </thead>
      <tbody>
        {byImportance(items).map(({ key, label: name, importance, correlation }) => (
          <tr
            key={key}
            className="h-7 border-b border-line"
            title={correlationMeaning(name, metric, correlation)}
          >
            <th scope="row" className="truncate pr-2 text-left font-normal" title={name}>
              {name}
            </th>
            <td>
              <span className="flex items-center gap-2">
                <span className="h-2.5 min-w-0 flex-1">
                  <span
                    className="block h-full rounded-sm bg-accent"
                    style={{ width: `${Math.max(1, (100 * importance) / most)}%` }}
                  />
                </span>
                <span className="tabular w-9 shrink-0 text-right text-12">
                  {importance.toFixed(2)}
                </span>
              </span>
            </td>
            <td className="pl-3">
              <span className="flex items-center gap-2">
                <CorrelationBar correlation={correlation} />
                <span className="tabular w-14 shrink-0 text-right text-12 text-ink-2">
                  {correlationText(correlation)}
                </span>
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** From the middle to the left for less, to the right for more. */
function CorrelationBar({ correlation }: { correlation: number | null }) {
  const size = 50 * Math.min(1, Math.abs(correlation ?? 0));
  return (
    <span className="relative h-2.5 min-w-0 flex-1" aria-hidden>
      <span className="absolute inset-y-[-3px] left-1/2 w-px bg-line-strong" />
      <span
        className={
          (correlation ?? 0) < 0
            ? 'absolute h-full rounded-l-sm border border-r-0 border-warn bg-warn-soft'
            : 'absolute h-full rounded-r-sm bg-ink-3'
        }
        style={
          (correlation ?? 0) < 0
            ? { right: '50%', width: `${size}%` }
            : { left: '50%', width: `${size}%` }
        }
      />
    </span>
  );
}
