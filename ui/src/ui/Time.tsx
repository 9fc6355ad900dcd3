import { useNow } from '~/hooks/use-now';
import { formatAgo, formatDateTime } from '~/util/format';

/** How long ago something was; the exact time on hover. */
export function Ago({ time }: { time: string }) {
  const now = useNow(10_000);
  const at = Date.parse(time);
  return (
    <time dateTime={time} title={formatDateTime(at)} className="tabular whitespace-nowrap">
      {formatAgo(at, now)}
    </time>
  );
}
