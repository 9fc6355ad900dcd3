import { useState } from 'react';
import { useDebounced } from '~/hooks/use-debounced';
import { CopyButton } from '~/ui/CodeBlock';
import { CutNote, EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { cutNote, formatBytes } from '~/util/format';
import { useAddress } from '~/workspace/use-search';
import { FilePreview } from '../run/FilePreview';
import { FileTree } from '../run/FileTree';
import { RowsPreview } from './RowsPreview';
import type { VersionSearch } from './search';
import { isTable } from './tables';
import { useVersionFiles } from './use-version-files';
import type { ArtifactFile, Version } from '~/api/schema';

const SETTLE_MS = 200;

/** The files of a version as a tree; of more than are listed, those whose path begins with what is searched. */
export function VersionFiles({ version }: { version: Version }) {
  const [{ file: chosen }, change] = useAddress<VersionSearch>();
  const [search, setSearch] = useState('');
  const first = useVersionFiles(version);
  const { isCut } = first;
  const prefix = useDebounced(isCut ? search.trim() : '', SETTLE_MS);
  const found = useVersionFiles(version, prefix);
  const listed = prefix === '' ? first : found;
  const { files } = listed;
  const error = first.error ?? found.error;
  if (error && !files) return <ErrorState error={error} onRetry={first.retry} />;
  if (!files) return <SkeletonRows rows={8} />;
  if (version.n_files === 0) {
    return (
      <EmptyState title="This version has no files">
        An artifact may hold metadata alone.
      </EmptyState>
    );
  }
  const file = files.find(item => item.path === chosen);
  return (
    <div className="flex min-h-0 flex-1 max-sm:flex-col">
      <FileTree
        files={files}
        chosen={chosen}
        onChoose={path => change({ file: path })}
        search={search}
        onSearch={setSearch}
        isCut={isCut}
        total={version.n_files}
      >
        {isCut && (
          <CutNote
            note={
              prefix === ''
                ? `${cutNote('first', files.length, version.n_files)}: search by the beginning of a path to find others`
                : `files whose path begins with ${prefix}${listed.isCut ? `, ${cutNote('first', files.length, null)}` : ''}`
            }
            className="border-b border-line px-2 py-1"
          />
        )}
      </FileTree>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        {file ? (
          <VersionFile key={file.path} version={version} file={file} />
        ) : (
          <EmptyState
            title={
              chosen && !listed.isGrowing ? 'This file is not listed' : 'Choose a file to see it'
            }
          />
        )}
      </div>
    </div>
  );
}

function VersionFile({ version, file }: { version: Version; file: ArtifactFile }) {
  if (file.reference !== null) return <Reference file={file} url={file.reference} />;
  if (!isTable(file.path)) return <FilePreview owner={version} file={file} />;
  return (
    <FilePreview owner={version} file={file}>
      <RowsPreview version={version} path={file.path} />
    </FilePreview>
  );
}

/** A file that lies elsewhere: what is known of it. */
function Reference({ file, url }: { file: ArtifactFile; url: string }) {
  const isWeb = /^https?:\/\//i.test(url);
  return (
    <EmptyState title="This file is kept elsewhere">
      <p className="flex min-w-0 items-center gap-1 font-mono text-12">
        {isWeb ? (
          <a
            href={url}
            target="_blank"
            rel="noreferrer"
            className="break-all text-accent underline"
          >
            {url}
          </a>
        ) : (
          <span className="break-all">{url}</span>
        )}
        <CopyButton text={url} small />
      </p>
      <p>
        {file.size_bytes !== null && `${formatBytes(file.size_bytes)} when it was logged. `}The
        client downloads it from there; this server holds only the reference.
      </p>
    </EmptyState>
  );
}
