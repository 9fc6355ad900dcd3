import { useQuery } from '@tanstack/react-query';
import { ChevronDown, ChevronRight } from 'lucide-react';
import { useState } from 'react';
import { callText } from '~/api/http';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { formatBytes } from '~/util/format';
import { ChangeSign } from './DifferenceMarks';
import { isBinary } from './text-diff';
import { TextDiffView } from './TextDiffView';
import type { DiffEntry } from '~/api/schema';

const MAX_BYTES = 1024 * 1024;

export interface TextEntryProps {
  entry: DiffEntry;
  unified: boolean;
  openAtFirst: boolean;
}

/** A file of code or a patch, whose texts are fetched and compared when it is opened. */
export function TextEntry({ entry, unified, openAtFirst }: TextEntryProps) {
  const { key, change, left_size_bytes: before, right_size_bytes: after } = entry;
  const isLarge = Math.max(before ?? 0, after ?? 0) > MAX_BYTES;
  const [isOpen, setOpen] = useState(openAtFirst && !isLarge);
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  const sizes = [before, after].filter(size => size !== null).map(formatBytes);
  return (
    <div className="border-b border-line">
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex h-7 w-full items-center gap-1 text-left hover:bg-surface"
      >
        <Chevron className="size-3.5 shrink-0 text-ink-3" aria-hidden />
        <ChangeSign change={change} />
        <span className="min-w-0 truncate font-mono text-12" title={key}>
          {key}
        </span>
        <span className="tabular ml-auto shrink-0 pl-3 text-12 text-ink-3">
          {sizes.join(' → ')}
        </span>
      </button>
      {isOpen &&
        (isLarge ? (
          <p className="px-5 py-2 text-ink-3">
            Texts above {formatBytes(MAX_BYTES)} are not compared line by line.
          </p>
        ) : (
          <Texts entry={entry} unified={unified} />
        ))}
    </div>
  );
}

function Texts({ entry, unified }: { entry: DiffEntry; unified: boolean }) {
  const { key, left_text_url: left, right_text_url: right } = entry;
  const { data, error } = useQuery({
    queryKey: ['texts', left, right],
    queryFn: ({ signal }) =>
      Promise.all([left, right].map(url => (url === null ? '' : callText(url, signal)))),
    staleTime: Number.POSITIVE_INFINITY,
  });
  if (error) return <ErrorState error={error} />;
  if (!data) return <SkeletonRows rows={4} />;
  if (data.some(isBinary))
    return <p className="px-5 py-2 text-ink-3">They differ, and are no texts.</p>;
  return <TextDiffView label={key} left={data[0]} right={data[1]} unified={unified} />;
}
