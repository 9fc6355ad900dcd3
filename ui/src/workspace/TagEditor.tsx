import { X } from 'lucide-react';
import { useState } from 'react';
import { INPUT } from '~/ui/Field';
import { Popover } from '~/ui/Popover';

export interface TagEditorProps {
  tags: string[];
  /** Tags of other runs, offered to pick. */
  known: string[];
  onClose: () => void;
  onSave: (tags: string[]) => void;
  /** What they are called, where they are no tags. */
  noun?: string;
  note?: string;
}

const MAX_LENGTH = 64;

/** Edits tags in a box beside where it stands; it is open for as long as it is there. */
export function TagEditor({ tags, known, onClose, onSave, noun = 'tag', note }: TagEditorProps) {
  const [draft, setDraft] = useState('');
  const add = (tag: string) => {
    const trimmed = tag.trim().slice(0, MAX_LENGTH);
    if (trimmed && !tags.includes(trimmed)) onSave([...tags, trimmed]);
    setDraft('');
  };
  const offered = known
    .filter(tag => !tags.includes(tag) && tag.toLowerCase().includes(draft.toLowerCase()))
    .slice(0, 8);
  return (
    <Popover
      label={noun === 'tag' ? 'Tags' : noun}
      open
      onOpenChange={open => !open && onClose()}
      align="end"
      className="w-64"
      anchor={<span className="h-6 w-0" />}
    >
      <div className="flex flex-col gap-2">
        {tags.length > 0 && (
          <div className="flex flex-wrap gap-1">
            {tags.map(tag => (
              <button
                key={tag}
                type="button"
                aria-label={`Remove ${noun} ${tag}`}
                onClick={() => onSave(tags.filter(other => other !== tag))}
                className="flex h-6 max-w-full items-center gap-1 rounded-full border border-line px-2 text-12 hover:border-bad"
              >
                <span className="truncate">{tag}</span>
                <X className="size-3 shrink-0 text-ink-3" aria-hidden />
              </button>
            ))}
          </div>
        )}
        <input
          aria-label={`New ${noun}`}
          placeholder={`New ${noun}, Enter adds it`}
          value={draft}
          autoFocus
          onChange={event => setDraft(event.target.value)}
          onKeyDown={event => {
            event.stopPropagation();
            if (event.key === 'Enter') add(draft);
            if (event.key === 'Escape') onClose();
          }}
          className={INPUT}
        />
        {offered.length > 0 && (
          <div className="flex flex-wrap gap-1">
            {offered.map(tag => (
              <button
                key={tag}
                type="button"
                aria-label={`Add ${noun} ${tag}`}
                onClick={() => add(tag)}
                className="h-6 max-w-full truncate rounded-full border border-dashed border-line-strong px-2 text-12 text-ink-2 hover:text-ink"
              >
                {tag}
              </button>
            ))}
          </div>
        )}
        {note && <p className="text-12 text-ink-3">{note}</p>}
      </div>
    </Popover>
  );
}
