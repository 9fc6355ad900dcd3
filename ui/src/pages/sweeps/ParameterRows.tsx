import { Plus, Trash2 } from 'lucide-react';
import { Button, IconButton } from '~/ui/Button';
import { INPUT } from '~/ui/Field';
import { Select } from '~/ui/Select';
import { Ticks } from '~/ui/Ticks';
import { cx } from '~/util/class-names';
import {
  emptyParameter,
  FIELDS,
  GRID_KINDS,
  KINDS,
  parameterFault,
  type DraftParameter,
  type SweepDraft,
} from './draft';

const WORDS: Record<string, string> = {
  min: 'from',
  max: 'to',
  q: 'step',
  mu: 'mean',
  sigma: 'deviation',
  value: 'value',
  values: 'values, between commas',
};

export interface ParameterRowsProps {
  parameters: DraftParameter[];
  method: SweepDraft['method'];
  /** What the server says, by name. */
  problems: Map<string, string[]>;
  /** Those from this place on have no name of their own yet. */
  firstAdded: number;
  onChange: (place: number, parameter: DraftParameter) => void;
  onAdd: (parameter: DraftParameter) => void;
  onRemove: (place: number) => void;
}

/** The parameters of a new sweep, each with its range. */
export function ParameterRows({
  parameters,
  method,
  problems,
  firstAdded,
  onChange,
  onAdd,
  onRemove,
}: ParameterRowsProps) {
  return (
    <div className="flex flex-col gap-2">
      <ul aria-label="Parameters" className="flex flex-col">
        {parameters.map((parameter, place) => (
          <ParameterRow
            // Names change as they are typed; rows never change places.
            // oxlint-disable-next-line react/no-array-index-key
            key={place < firstAdded ? parameter.name : `added ${place}`}
            parameter={parameter}
            method={method}
            problems={problems.get(parameter.name.trim()) ?? []}
            onChange={changed => onChange(place, changed)}
            onRemove={place < firstAdded ? undefined : () => onRemove(place)}
          />
        ))}
      </ul>
      <div>
        <Button onClick={() => onAdd(emptyParameter())}>
          <Plus className="size-3.5" aria-hidden />
          Add parameter
        </Button>
      </div>
    </div>
  );
}

interface ParameterRowProps {
  parameter: DraftParameter;
  method: SweepDraft['method'];
  problems: string[];
  onChange: (parameter: DraftParameter) => void;
  /** Of a parameter that somebody added: its name can be edited, and it can be taken away. */
  onRemove: (() => void) | undefined;
}

function ParameterRow({ parameter, method, problems, onChange, onRemove }: ParameterRowProps) {
  const { name, isOn, kind, note } = parameter;
  const set = (change: Partial<DraftParameter>) => onChange({ ...parameter, ...change });
  const isGridless = method === 'grid' && !GRID_KINDS.includes(kind);
  const told = [
    parameterFault(parameter),
    isGridless ? 'a grid needs values that can be counted' : null,
    ...problems,
  ].filter(fault => fault !== null);
  const label = name || 'new parameter';
  return (
    <li className="flex flex-col gap-1 border-b border-line py-1.5">
      <div className="grid grid-cols-[1.25rem_minmax(0,12rem)_8rem_minmax(0,1fr)_1.75rem] items-center gap-x-2 gap-y-1 max-sm:grid-cols-[1.25rem_minmax(0,1fr)_8rem_1.75rem]">
        <input
          type="checkbox"
          aria-label={`Search over ${label}`}
          checked={isOn}
          onChange={event => set({ isOn: event.target.checked })}
          className="size-4 accent-accent"
        />
        {onRemove ? (
          <input
            aria-label="Name of the parameter"
            placeholder="name, nested by dots"
            value={name}
            autoFocus
            spellCheck={false}
            onChange={event => set({ name: event.target.value })}
            className={INPUT}
          />
        ) : (
          <span className="flex min-w-0 flex-col leading-4" title={`${name}: ${note}`}>
            <span className={cx('truncate', isOn ? 'font-medium' : 'text-ink-3')}>{name}</span>
            <span className="truncate text-11 text-ink-3">{note}</span>
          </span>
        )}
        <Select
          bare
          label={`Kind of ${label}`}
          value={kind}
          disabled={!isOn}
          options={KINDS}
          onChange={next => set({ kind: next })}
        />
        <span className="flex min-w-0 gap-2 max-sm:order-last max-sm:col-span-full max-sm:pl-7">
          {FIELDS[kind].map(field => (
            <input
              key={field}
              aria-label={`${label}: ${WORDS[field]}`}
              placeholder={WORDS[field]}
              title={WORDS[field]}
              value={String(parameter[field])}
              disabled={!isOn}
              spellCheck={false}
              autoComplete="off"
              onChange={event => set({ [field]: event.target.value })}
              className={cx(INPUT, 'font-mono text-12 disabled:opacity-50')}
            />
          ))}
        </span>
        {onRemove ? (
          <IconButton label={`Remove ${label}`} small onClick={onRemove}>
            <Trash2 aria-hidden />
          </IconButton>
        ) : (
          <span />
        )}
      </div>
      {isOn && told.length > 0 && (
        <ul role="alert" className="flex flex-col pl-7 text-12 text-bad">
          {told.map(fault => (
            <li key={fault}>
              <Ticks text={fault} />
            </li>
          ))}
        </ul>
      )}
    </li>
  );
}
