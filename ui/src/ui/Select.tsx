import { useId, type SelectHTMLAttributes } from 'react';
import { cx } from '~/util/class-names';

export interface SelectProps<Value extends string> extends Omit<
  SelectHTMLAttributes<HTMLSelectElement>,
  'value' | 'onChange'
> {
  label: string;
  options: (readonly [value: Value, label: string])[];
  value: Value;
  onChange: (value: Value) => void;
  /** The label is for screen readers alone: what is around says it. */
  bare?: boolean;
}

/** One of a few choices, under its label. */
export function Select<Value extends string>({
  label,
  options,
  value,
  onChange,
  bare,
  className,
  ...rest
}: SelectProps<Value>) {
  const id = useId();
  return (
    <div className={cx('flex min-w-0 flex-col gap-1', className)}>
      <label htmlFor={id} className={bare ? 'sr-only' : 'text-12 font-medium text-ink-2'}>
        {label}
      </label>
      <select
        id={id}
        value={value}
        onChange={event => onChange(event.target.value as Value)}
        className="h-7 w-full min-w-0 rounded-md border border-line-strong bg-bg px-1 text-13 text-ink hover:border-ink-3 focus:border-accent focus:outline-none focus-visible:ring-1 focus-visible:ring-accent disabled:opacity-50"
        {...rest}
      >
        {options.map(([name, text]) => (
          <option key={name} value={name}>
            {text}
          </option>
        ))}
      </select>
    </div>
  );
}
