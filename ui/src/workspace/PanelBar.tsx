import { ChevronDown, Plus, Settings2 } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useSettling } from '~/hooks/use-settling';
import { AXES, axisExpression, metricAxis } from '~/panels/line/model';
import { usePreferences } from '~/stores/preferences';
import { Button, IconButton } from '~/ui/Button';
import { SearchField } from '~/ui/Field';
import { Menu, type MenuEntry } from '~/ui/Menu';
import { Popover } from '~/ui/Popover';
import { formatInteger } from '~/util/format';
import { parseExpression } from '~/util/pattern';
import { SmoothingControl } from './SmoothingControl';
import { usePageSearch } from './use-search';

/** More metrics than these would make a menu that nobody reads. */
const MAX_AXES = 200;

export interface PanelBarProps {
  /** Metrics that can be an x axis. */
  metrics: { name: string; label: string }[];
  /** All panels are of the system: they know only time. */
  timeOnly: boolean;
  onAdd: () => void;
  /** Asks for an expression to be the x axis. */
  onExpressionAxis: () => void;
}

/** What applies to all panels: search, x axis, smoothing, log scales, columns. */
export function PanelBar({ metrics, timeOnly, onAdd, onExpressionAxis }: PanelBarProps) {
  const [search, change] = usePageSearch();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== '/' || !(event.ctrlKey || event.metaKey)) return;
      event.preventDefault();
      input.current?.focus();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  const x = search.x ?? null;
  const chosen =
    AXES.find(axis => axis.value === x) ?? metrics.find(metric => metricAxis(metric.name) === x);
  const expression = axisExpression(x);
  const stepLabel = chosen?.label ?? expression ?? x?.replace(/^metric:/, '') ?? 'Step';
  const timeLabel = x === 'time' ? 'Wall time' : 'Relative time';
  const xLabel = timeOnly ? timeLabel : stepLabel;
  const timeEntries = (): MenuEntry[] => [
    {
      kind: 'check',
      label: 'Relative time',
      checked: x !== 'time',
      onSelect: () => change({ x: undefined }),
    },
    {
      kind: 'check',
      label: 'Wall time',
      checked: x === 'time',
      onSelect: () => change({ x: 'time' }),
    },
  ];
  const xEntries = (): MenuEntry[] => [
    {
      kind: 'check',
      label: 'Step, or what a metric defines',
      checked: x === null,
      onSelect: () => change({ x: undefined }),
    },
    { kind: 'line' },
    ...AXES.map((axis): MenuEntry => ({
      kind: 'check',
      label: axis.label,
      checked: x === axis.value,
      onSelect: () => change({ x: axis.value }),
    })),
    {
      kind: 'check',
      label: 'Expression…',
      hint: expression ?? undefined,
      checked: expression !== null,
      onSelect: onExpressionAxis,
    },
    { kind: 'line' },
    {
      kind: 'heading',
      label:
        metrics.length > MAX_AXES
          ? `Metrics: ${MAX_AXES} of ${formatInteger(metrics.length)}, others by expression`
          : 'Metrics',
    },
    ...metrics.slice(0, MAX_AXES).map((metric): MenuEntry => ({
      kind: 'check',
      label: metric.label,
      checked: x === metricAxis(metric.name),
      onSelect: () => change({ x: metricAxis(metric.name) }),
    })),
  ];
  return (
    <div
      role="toolbar"
      aria-label="Panels"
      className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-3 py-1.5"
    >
      <SettlingSearch
        inputRef={input}
        value={search.panels ?? ''}
        onChange={panels => change({ panels: panels || undefined })}
      />
      <Menu entries={timeOnly ? timeEntries : xEntries} align="start">
        <Button tone="quiet" title="x axis" className="max-w-48 px-1.5 font-normal">
          <span className="text-ink-3">x:</span> <span className="truncate">{xLabel}</span>
          <ChevronDown className="size-3.5 shrink-0 text-ink-3" aria-hidden />
        </Button>
      </Menu>
      <SmoothingControl />
      {!timeOnly && (
        <Button tone="quiet" className="px-1.5 font-normal" onClick={onAdd}>
          <Plus className="size-4" aria-hidden />
          Panel
        </Button>
      )}
      <ViewOptions />
    </div>
  );
}

interface SettlingSearchProps {
  value: string;
  onChange: (value: string) => void;
  inputRef: React.Ref<HTMLInputElement>;
}

/** A search that waits for a pause in typing before it changes the address. */
function SettlingSearch({ value, onChange, inputRef }: SettlingSearchProps) {
  const [draft, setDraft] = useSettling(value, onChange);
  return (
    <SearchField
      ref={inputRef}
      label="Search panels"
      placeholder="panels, /regex/"
      value={draft}
      error={parseExpression(draft).error}
      onChange={setDraft}
      className="w-48 max-sm:min-w-32 max-sm:flex-1"
    />
  );
}

const COLUMNS = [0, 1, 2, 3, 4, 5, 6];

function ViewOptions() {
  const [search, change] = usePageSearch();
  const columns = usePreferences(state => state.chartColumns);
  return (
    <Popover
      label="View of the panels"
      trigger={
        <IconButton label="View of the panels" pressed={search.logx || search.logy || undefined}>
          <Settings2 aria-hidden />
        </IconButton>
      }
      className="w-56"
    >
      <div className="flex flex-col gap-1">
        <label className="flex h-7 cursor-pointer items-center gap-2">
          <input
            type="checkbox"
            className="accent-accent"
            checked={search.logy ?? false}
            onChange={event => change({ logy: event.target.checked || undefined })}
          />
          Logarithmic y
        </label>
        <label className="flex h-7 cursor-pointer items-center gap-2">
          <input
            type="checkbox"
            className="accent-accent"
            checked={search.logx ?? false}
            onChange={event => change({ logx: event.target.checked || undefined })}
          />
          Logarithmic x
        </label>
        <label className="flex h-7 items-center justify-between gap-2">
          Columns
          <select
            value={columns}
            onChange={event =>
              usePreferences.setState({ chartColumns: Number(event.target.value) })
            }
            className="h-6 rounded-sm border border-line-strong bg-bg px-1"
          >
            {COLUMNS.map(count => (
              <option key={count} value={count}>
                {count === 0 ? 'as many as fit' : count}
              </option>
            ))}
          </select>
        </label>
      </div>
    </Popover>
  );
}
