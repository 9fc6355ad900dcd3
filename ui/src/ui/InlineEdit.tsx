import { useRef, useState } from 'react';
import { cx } from '~/util/class-names';

export interface InlineEditProps {
  label: string;
  value: string;
  /** Without it the text cannot be edited. */
  onSave: ((value: string) => void) | undefined;
  placeholder?: string;
  multiline?: boolean;
  /** An empty text is kept as it is instead of being saved. */
  required?: boolean;
  className?: string;
  /** Starts as an input. */
  openAtFirst?: boolean;
  /** The input was left, saved or not. */
  onDone?: () => void;
}

const EDITING =
  '-mx-1.5 w-full rounded-sm border border-accent bg-bg px-1.5 text-inherit font-[inherit] outline-none';

/** Text that turns into an input where it stands. Enter saves, Escape gives up, leaving saves. */
export function InlineEdit({
  label,
  value,
  onSave,
  placeholder,
  multiline,
  required,
  className,
  openAtFirst,
  onDone,
}: InlineEditProps) {
  const [draft, setDraft] = useState<string | null>(openAtFirst ? value : null);
  const abandoned = useRef(false);
  const finish = () => {
    const text = draft?.trim() ?? value;
    setDraft(null);
    if (!abandoned.current && text !== value && !(required && text === '')) onSave?.(text);
    abandoned.current = false;
    onDone?.();
  };
  const onKeyDown = (event: React.KeyboardEvent<HTMLInputElement | HTMLTextAreaElement>) => {
    event.stopPropagation();
    if (event.key === 'Escape') {
      abandoned.current = true;
      event.currentTarget.blur();
    } else if (event.key === 'Enter' && (!multiline || event.metaKey || event.ctrlKey))
      event.currentTarget.blur();
  };
  if (!onSave) {
    return (
      <span
        title={multiline ? undefined : value || undefined}
        className={cx(
          'max-w-full',
          multiline ? 'block w-full whitespace-pre-wrap break-words' : 'inline-block truncate',
          className,
        )}
      >
        {value}
      </span>
    );
  }
  if (draft === null) {
    return (
      <button
        type="button"
        aria-label={`${label}: ${value || placeholder || 'empty'}. Edit`}
        onClick={() => setDraft(value)}
        className={cx(
          '-mx-1.5 max-w-full rounded-sm px-1.5 text-left hover:bg-hover',
          multiline ? 'block w-full whitespace-pre-wrap break-words' : 'truncate',
          !value && 'text-ink-3',
          className,
        )}
      >
        {value || placeholder}
      </button>
    );
  }
  const shared = {
    'aria-label': label,
    value: draft,
    autoFocus: true,
    onBlur: finish,
    onKeyDown,
    className: cx(EDITING, className),
  };
  return multiline ? (
    <textarea rows={4} {...shared} onChange={event => setDraft(event.target.value)} />
  ) : (
    <input
      {...shared}
      onChange={event => setDraft(event.target.value)}
      onFocus={event => event.target.select()}
    />
  );
}
