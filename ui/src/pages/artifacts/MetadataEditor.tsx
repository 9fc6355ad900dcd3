import { useMutation, useQuery } from '@tanstack/react-query';
import { useId, useRef, useState, type FormEvent } from 'react';
import { useArtifactEdits } from '~/api/artifact-edits';
import { artifactQueries } from '~/api/artifact-queries';
import type { Version } from '~/api/schema';
import { Button } from '~/ui/Button';
import { INPUT } from '~/ui/Field';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { Ticks } from '~/ui/Ticks';
import { cx } from '~/util/class-names';
import { exactObject, objectFault } from '~/util/json-fault';

const MIN_LINES = 8;
const MAX_LINES = 30;

export interface MetadataEditorProps {
  version: Version;
  onClose: () => void;
}

/** The metadata of a version as JSON text, to be changed as a whole. */
export function MetadataEditor({ version, onClose }: MetadataEditorProps) {
  const edits = useArtifactEdits(version);
  const errorId = useId();
  const input = useRef<HTMLTextAreaElement>(null);
  const [draft, setDraft] = useState<string | null>(null);
  // A text is not called wrong while it is being typed, before somebody tries to save it.
  const [isTried, setTried] = useState(false);
  const { data: before, error, refetch } = useQuery(artifactQueries.exactMetadata(version));
  const save = useMutation({
    mutationFn: (text: string) => edits.setMetadata(version, before ?? {}, exactObject(text)),
    onSuccess: onClose,
  });
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!before) return <SkeletonRows rows={MIN_LINES} />;
  const stored = JSON.stringify(before, null, 2);
  const text = draft ?? stored;
  const fault = isTried ? objectFault(text) : null;
  const isChanged = text !== stored;
  const onSave = (event?: FormEvent) => {
    event?.preventDefault();
    if (save.isPending) return;
    setTried(true);
    const found = objectFault(text);
    if (found) {
      input.current?.focus();
      input.current?.setSelectionRange(found.position, found.position);
    } else if (isChanged) save.mutate(text);
    else onClose();
  };
  const onKeyDown = (event: React.KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'Escape' && !isChanged) onClose();
    else if (event.key === 'Enter' && (event.metaKey || event.ctrlKey)) onSave();
  };
  return (
    <form onSubmit={onSave} className="flex flex-col gap-2">
      <textarea
        ref={input}
        aria-label="Metadata as JSON"
        aria-invalid={fault ? true : undefined}
        aria-describedby={fault ? errorId : undefined}
        value={text}
        rows={Math.min(MAX_LINES, Math.max(MIN_LINES, text.split('\n').length + 1))}
        wrap="off"
        spellCheck={false}
        autoFocus
        onChange={event => {
          setDraft(event.target.value);
          save.reset();
        }}
        onKeyDown={onKeyDown}
        className={cx(INPUT, 'h-auto! py-1.5 font-mono text-12', fault && 'border-bad')}
      />
      {fault && (
        <p id={errorId} role="alert" className="text-bad">
          <Ticks text={fault.message} />
        </p>
      )}
      {save.error && <ErrorState error={save.error} className="p-0!" />}
      <div className="flex justify-end gap-2">
        <Button tone="quiet" onClick={onClose}>
          Cancel
        </Button>
        <Button tone="primary" type="submit" disabled={save.isPending}>
          Save metadata
        </Button>
      </div>
    </form>
  );
}
