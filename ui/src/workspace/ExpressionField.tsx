import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useId, useMemo, useRef, useState } from 'react';
import type { ProjectRef } from '~/api/client';
import { queries } from '~/api/queries';
import { useDebounced } from '~/hooks/use-debounced';
import {
  complete,
  namedMetrics,
  readRefusal,
  suggest,
  tokenAt,
  type Suggestion,
} from '~/panels/line/expression';
import { INPUT } from '~/ui/Field';
import { FLOAT } from '~/ui/Menu';
import { Ticks } from '~/ui/Ticks';
import { cx } from '~/util/class-names';

const MOST_SUGGESTIONS = 8;
const CHECK_MS = 300;

export interface ExpressionFieldProps {
  projectRef: ProjectRef;
  label: string;
  value: string;
  onChange: (value: string) => void;
  metrics: string[];
  hasMore: boolean;
  onSubmit: () => void;
  autoFocus?: boolean;
}

/** A field for an expression: offers metrics and functions as one types, and shows what the server says of it. */
export function ExpressionField({
  projectRef,
  label,
  value,
  onChange,
  metrics: known,
  hasMore,
  onSubmit,
  autoFocus,
}: ExpressionFieldProps) {
  const id = useId();
  const input = useRef<HTMLInputElement>(null);
  const [caret, setCaret] = useState<number | null>(null);
  const [active, setActive] = useState(0);
  const token = caret === null ? null : tokenAt(value, caret);
  const metrics = useMetrics(projectRef, known, hasMore ? (token?.typed ?? '') : '');
  // What is a metric's whole name already means it, and a list would be in the way.
  const isDone = metrics.includes(value.trim());
  const suggestions = token && !isDone ? suggest(token, metrics, MOST_SUGGESTIONS) : [];
  const isOpen = suggestions.length > 0;
  const refusal = useRefusal(projectRef, value, hasMore ? null : known);

  const close = () => setCaret(null);
  const place = () => {
    const { selectionStart, selectionEnd } = input.current ?? {};
    const at = selectionStart === selectionEnd ? (selectionStart ?? null) : null;
    // Nothing is offered until something is typed: a list over an empty field would be in the way.
    setCaret(at !== null && isTyping(input.current?.value ?? '', at) ? at : null);
    setActive(0);
  };
  const take = (suggestion: Suggestion) => {
    if (!token) return;
    const done = complete(value, token, suggestion);
    onChange(done.text);
    close();
    // The caret can be set when the text is there.
    requestAnimationFrame(() => input.current?.setSelectionRange(done.caret, done.caret));
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'ArrowDown' && !isOpen && event.altKey) {
      setCaret(input.current?.selectionStart ?? 0);
    } else if (isOpen && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
      const by = event.key === 'ArrowDown' ? 1 : -1;
      setActive((active + by + suggestions.length) % suggestions.length);
    } else if (isOpen && (event.key === 'Enter' || event.key === 'Tab')) {
      take(suggestions[active]);
    } else if (isOpen && event.key === 'Escape') {
      close();
    } else if (event.key === 'Enter') {
      onSubmit();
    } else return;
    event.preventDefault();
  };

  return (
    <div className="relative flex min-w-0 flex-1 flex-col gap-1">
      <input
        ref={input}
        role="combobox"
        aria-label={label}
        aria-expanded={isOpen}
        aria-controls={`${id}-list`}
        aria-activedescendant={isOpen ? `${id}-${active}` : undefined}
        aria-autocomplete="list"
        aria-invalid={refusal.error ? true : undefined}
        aria-describedby={`${id}-says`}
        value={value}
        autoFocus={autoFocus}
        spellCheck={false}
        autoComplete="off"
        placeholder="log(${train/loss})"
        onChange={event => {
          onChange(event.target.value);
          place();
        }}
        onClick={close}
        onBlur={close}
        onKeyDown={onKeyDown}
        className={cx(INPUT, 'font-mono text-12', refusal.error && 'border-bad')}
      />
      <div
        id={`${id}-list`}
        role="listbox"
        aria-label="Metrics and functions"
        hidden={!isOpen}
        className={cx(FLOAT, 'absolute inset-x-0 top-8 overflow-hidden p-1')}
      >
        {suggestions.map((suggestion, index) => (
          <div
            key={`${suggestion.kind} ${suggestion.name}`}
            id={`${id}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            // The field keeps the focus.
            onPointerDown={event => event.preventDefault()}
            onClick={() => take(suggestion)}
            className={cx(
              'flex h-7 cursor-default items-center gap-2 rounded-sm px-2',
              index === active && 'bg-hover',
            )}
          >
            <span className="min-w-0 flex-1 truncate font-mono text-12">{suggestion.name}</span>
            <span className="text-12 text-ink-3">{suggestion.kind}</span>
          </div>
        ))}
      </div>
      <div id={`${id}-says`} aria-live="polite" className="text-12">
        {refusal.error && (
          <>
            {refusal.place !== null && <Pointed text={refusal.text} place={refusal.place} />}
            <p className="text-bad">
              <Ticks text={refusal.error} />
            </p>
          </>
        )}
        {!refusal.error && refusal.unknown && (
          <p className="text-warn">
            no run has logged <code className="font-mono">{refusal.unknown}</code>; a name with
            other than letters, digits, _ and . is written{' '}
            <code className="font-mono">{'${train/loss}'}</code>
          </p>
        )}
      </div>
    </div>
  );
}

/** The text with the character marked at which it goes wrong. */
function Pointed({ text, place }: { text: string; place: number }) {
  // The server counts characters, not UTF-16 units.
  const characters = [...text];
  return (
    <p className="truncate font-mono whitespace-pre" aria-hidden>
      {characters.slice(Math.max(0, place - 40), place).join('')}
      <mark className="bg-bad-soft text-bad underline decoration-2">
        {characters[place] ?? ' '}
      </mark>
      {characters.slice(place + 1).join('')}
    </p>
  );
}

function isTyping(text: string, caret: number): boolean {
  const { typed, braced } = tokenAt(text, caret);
  return braced || typed !== '';
}

interface Refusal {
  /** The text it is about: what is typed meanwhile has not been checked. */
  text: string;
  error: string | null;
  place: number | null;
  unknown: string | null;
}

/** The metrics on the page and, where there are more, those that the server finds by what is typed. */
function useMetrics(ref: ProjectRef, known: string[], typed: string): string[] {
  const text = useDebounced(typed, CHECK_MS);
  const found = useQuery({
    ...queries.metricNames(ref, text),
    enabled: text !== '',
    placeholderData: keepPreviousData,
  });
  return useMemo(() => [...new Set([...known, ...(found.data ?? [])])], [known, found.data]);
}

/** `metrics` are all that there are; null if not all are known. */
function useRefusal(ref: ProjectRef, value: string, metrics: string[] | null): Refusal {
  const text = useDebounced(value.trim(), CHECK_MS);
  const check = useQuery({ ...queries.expressionRefusal(ref, text), enabled: text !== '' });
  const { reason, place } = readRefusal(check.data ?? check.error?.message ?? '');
  const unknown =
    text === '' || !metrics || metrics.includes(text)
      ? undefined
      : namedMetrics(text).find(name => !metrics.includes(name));
  return { text, error: reason || null, place, unknown: unknown ?? null };
}
