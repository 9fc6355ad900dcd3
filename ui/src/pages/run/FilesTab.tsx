import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { queries } from '~/api/queries';
import { CutNote, EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { cutNote } from '~/util/format';
import { usePageSearch } from '~/workspace/use-search';
import type { RunTabProps } from '../RunPage';
import { FilePreview } from './FilePreview';
import { FileTree } from './FileTree';

export function FilesTab({ runRef }: RunTabProps) {
  const [{ file: chosen }, change] = usePageSearch();
  const { data, error, refetch } = useQuery(queries.files(runRef));
  const [search, setSearch] = useState('');
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  if (!data) return <SkeletonRows rows={8} />;
  if (data.items.length === 0) {
    return (
      <EmptyState title="This run has no files">
        wandb.save(&quot;path&quot;) and logged media put them here.
      </EmptyState>
    );
  }
  const file = data.items.find(item => item.path === chosen);
  return (
    <div className="flex min-h-0 flex-1 max-sm:flex-col">
      <FileTree
        files={data.items}
        chosen={chosen}
        onChoose={path => change({ file: path })}
        search={search}
        onSearch={setSearch}
        isCut={data.isCut}
      >
        {data.isCut && (
          <CutNote
            note={`${cutNote('first', data.items.length, null)}, by path`}
            className="border-b border-line px-2 py-1"
          />
        )}
      </FileTree>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        {file ? (
          <FilePreview key={file.path} owner={runRef} file={file} />
        ) : (
          <EmptyState title={chosen ? 'This file is gone' : 'Choose a file to see it'} />
        )}
      </div>
    </div>
  );
}
