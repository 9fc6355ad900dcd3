import { useMutation } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { useId, useState, type FormEvent } from 'react';
import type { ChangedSweep } from '~/api/sweep-schema';
import { Button, IconButton } from '~/ui/Button';
import { CodeBlock } from '~/ui/CodeBlock';
import { INPUT } from '~/ui/Field';
import { ErrorState } from '~/ui/States';
import { Ticks } from '~/ui/Ticks';
import { cx } from '~/util/class-names';
import { Section } from '../Section';
import { readableConfig } from './config-text';

const MIN_LINES = 8;
const MAX_LINES = 32;

export interface SweepConfigProps {
  config: string;
  /** Without it the config cannot be edited. */
  onSave: ((config: string) => Promise<ChangedSweep>) | undefined;
}

/** The config as YAML, to be changed as a whole while the sweep runs. */
export function SweepConfig({ config, onSave }: SweepConfigProps) {
  const text = readableConfig(config);
  const [draft, setDraft] = useState<string | null>(null);
  const errorId = useId();
  const save = useMutation({
    mutationFn: (edited: string) => onSave?.(edited) ?? Promise.reject(new Error('read only')),
    onSuccess: () => setDraft(null),
  });
  const submit = (event?: FormEvent) => {
    event?.preventDefault();
    if (draft === null || save.isPending) return;
    if (draft === text) setDraft(null);
    else save.mutate(draft);
  };
  return (
    <Section
      title="Config"
      action={
        onSave &&
        draft === null && (
          <IconButton
            label="Edit config"
            small
            onClick={() => {
              save.reset();
              setDraft(text);
            }}
          >
            <Pencil aria-hidden />
          </IconButton>
        )
      }
    >
      {draft === null ? (
        <>
          <CodeBlock text={text.trimEnd()} label="config" className="[&_pre]:max-h-96" />
          {save.data && <Warnings warnings={save.data.warnings} />}
        </>
      ) : (
        <form onSubmit={submit} className="flex flex-col gap-2">
          <textarea
            aria-label="Config as YAML or JSON"
            aria-invalid={save.error ? true : undefined}
            aria-describedby={save.error ? errorId : undefined}
            value={draft}
            rows={Math.min(MAX_LINES, Math.max(MIN_LINES, draft.split('\n').length + 1))}
            wrap="off"
            spellCheck={false}
            autoFocus
            onChange={event => {
              setDraft(event.target.value);
              save.reset();
            }}
            onKeyDown={event => {
              event.stopPropagation();
              if (event.key === 'Escape') setDraft(null);
              else if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) submit();
            }}
            className={cx(INPUT, 'h-auto! py-1.5 font-mono text-12', save.error && 'border-bad')}
          />
          {save.error && (
            <div id={errorId}>
              <ErrorState error={save.error} className="p-0! whitespace-pre-wrap" />
            </div>
          )}
          <p className="text-12 text-ink-3">
            Runs that were made stay as they are; the next ones follow the new config.
          </p>
          <div className="flex justify-end gap-2">
            <Button tone="quiet" onClick={() => setDraft(null)}>
              Keep it as it was
            </Button>
            <Button tone="primary" type="submit" disabled={save.isPending}>
              Save config
            </Button>
          </div>
        </form>
      )}
    </Section>
  );
}

export function Warnings({ warnings }: { warnings: string[] }) {
  if (warnings.length === 0) return null;
  return (
    <ul aria-label="Warnings" className="flex flex-col gap-1 text-warn">
      {warnings.map(warning => (
        <li key={warning}>
          <Ticks text={warning} />
        </li>
      ))}
    </ul>
  );
}
