import { Plus, X } from 'lucide-react';
import { useState } from 'react';
import type { ProjectRef } from '~/api/client';
import { queries, queryClient } from '~/api/queries';
import { metricText } from '~/panels/line/expression';
import { Button, IconButton } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { ExpressionField } from './ExpressionField';

export interface ExpressionDialogProps {
  projectRef: ProjectRef;
  title: string;
  /** What one expression is here: `Curve`, `x`. */
  noun: string;
  initial: string[];
  /** So many expressions at most. */
  most: number;
  metrics: string[];
  /** There are more metrics than these: others are asked of the server. */
  hasMore: boolean;
  action: string;
  onSave: (expressions: string[]) => void;
  onClose: () => void;
}

/** Asks for expressions and saves them once the server can read them. */
export function ExpressionDialog({
  projectRef,
  title,
  noun,
  initial,
  most,
  metrics,
  hasMore,
  action,
  onSave,
  onClose,
}: ExpressionDialogProps) {
  const [texts, setTexts] = useState(initial.length > 0 ? initial : ['']);
  const [isChecking, setChecking] = useState(false);
  const written = texts.map(text => text.trim()).filter(text => text !== '');
  const isMetric = async (name: string) =>
    metrics.includes(name) ||
    (hasMore &&
      (await queryClient.fetchQuery(queries.metricNames(projectRef, name))).includes(name));
  const save = async () => {
    if (written.length === 0) return;
    setChecking(true);
    // The fields show what is refused.
    const checks = written.map(async text => {
      const expression = (await isMetric(text)) ? metricText(text) : text;
      const refusal = queryClient.fetchQuery(queries.expressionRefusal(projectRef, expression));
      return (await refusal) === null ? expression : null;
    });
    const checked: (string | null)[] = await Promise.all(checks).catch(() => [null]);
    setChecking(false);
    const readable = checked.filter(text => text !== null);
    if (readable.length === checked.length) onSave([...new Set(readable)]);
  };
  return (
    <Dialog open onOpenChange={open => !open && onClose()} title={title}>
      <form
        className="flex flex-col gap-2 p-4"
        onSubmit={event => {
          event.preventDefault();
          void save();
        }}
      >
        <p className="text-12 text-ink-2">
          A metric, or an expression over metrics: <Sample>loss / lag(loss)</Sample>,{' '}
          <Sample>{'log(${train/loss}) - log(${val/loss})'}</Sample>
        </p>
        {texts.map((text, index) => (
          // Fields are told apart by their place: their texts change.
          // oxlint-disable-next-line react/no-array-index-key
          <div key={index} className="flex items-start gap-1">
            <ExpressionField
              projectRef={projectRef}
              label={most > 1 ? `${noun} ${index + 1}` : noun}
              value={text}
              onChange={value => setTexts(texts.with(index, value))}
              metrics={metrics}
              hasMore={hasMore}
              onSubmit={() => void save()}
              autoFocus={index === texts.length - 1}
            />
            {texts.length > 1 && (
              <IconButton
                label={`Remove ${noun.toLowerCase()} ${index + 1}`}
                onClick={() => setTexts(texts.toSpliced(index, 1))}
              >
                <X aria-hidden />
              </IconButton>
            )}
          </div>
        ))}
        <div className="flex items-center gap-2 pt-2">
          {texts.length < most && (
            <Button tone="quiet" onClick={() => setTexts([...texts, ''])}>
              <Plus className="size-4" aria-hidden />
              {noun}
            </Button>
          )}
          <Button
            type="submit"
            tone="primary"
            className="ml-auto"
            disabled={written.length === 0 || isChecking}
          >
            {action}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function Sample({ children }: { children: string }) {
  return <code className="font-mono text-ink">{children}</code>;
}
