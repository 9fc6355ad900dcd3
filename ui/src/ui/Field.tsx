import { Search, X } from 'lucide-react';
import { useId, type InputHTMLAttributes, type Ref } from 'react';
import { cx } from '~/util/class-names';

export const INPUT =
  'h-7 w-full min-w-0 rounded-md border border-line-strong bg-bg px-2 text-13 text-ink hover:border-ink-3 focus:border-accent focus:outline-none focus-visible:ring-1 focus-visible:ring-accent';

export interface FieldProps extends InputHTMLAttributes<HTMLInputElement> {
  label: string;
  hint?: string;
  ref?: Ref<HTMLInputElement>;
}

/** A text input under its label. */
export function Field({ label, hint, className, ...rest }: FieldProps) {
  const id = useId();
  return (
    <div className={cx('flex flex-col gap-1', className)}>
      <label htmlFor={id} className="text-12 font-medium text-ink-2">
        {label}
      </label>
      <input
        id={id}
        className={INPUT}
        aria-describedby={hint ? `${id}-hint` : undefined}
        {...rest}
      />
      {hint && (
        <span id={`${id}-hint`} className="text-12 text-ink-3">
          {hint}
        </span>
      )}
    </div>
  );
}

export interface SearchFieldProps {
  label: string;
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
  error?: string | null;
  className?: string;
  onSubmit?: (backwards: boolean) => void;
  ref?: Ref<HTMLInputElement>;
}

export function SearchField({
  label,
  value,
  onChange,
  placeholder,
  error,
  className,
  onSubmit,
  ref,
}: SearchFieldProps) {
  return (
    <div className={cx('relative min-w-0', className)}>
      <Search
        className="pointer-events-none absolute top-1.5 left-2 size-4 text-ink-3"
        aria-hidden
      />
      <input
        ref={ref}
        type="text"
        role="searchbox"
        aria-label={label}
        aria-invalid={error ? true : undefined}
        title={error ?? undefined}
        value={value}
        placeholder={placeholder ?? label}
        spellCheck={false}
        autoComplete="off"
        onChange={event => onChange(event.target.value)}
        onKeyDown={event => {
          if (event.key === 'Escape' && value) {
            event.stopPropagation();
            onChange('');
          } else if (event.key === 'Enter') onSubmit?.(event.shiftKey);
        }}
        className={cx(INPUT, 'pr-7 pl-7', error && 'border-bad')}
      />
      {value && (
        <button
          type="button"
          aria-label="Clear"
          onClick={() => onChange('')}
          className="absolute top-0.5 right-0.5 flex size-6 items-center justify-center rounded-sm text-ink-3 hover:text-ink"
        >
          <X className="size-3.5" aria-hidden />
        </button>
      )}
    </div>
  );
}
