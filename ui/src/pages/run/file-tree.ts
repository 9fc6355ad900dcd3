import type { RunFile } from '~/api/schema';

/** A folder or a file, as a line of the tree. */
export interface FileRow {
  path: string;
  name: string;
  depth: number;
  /** Null for a folder. */
  file: RunFile | null;
  sizeBytes: number;
  nFiles: number;
}

interface Folder {
  folders: Map<string, Folder>;
  files: RunFile[];
  sizeBytes: number;
  nFiles: number;
}

const emptyFolder = (): Folder => ({ folders: new Map(), files: [], sizeBytes: 0, nFiles: 0 });

/** The lines of a file tree, folders first; folders in `closed` hide what they hold, a search opens all. */
export function fileRows(files: RunFile[], closed: Set<string>, search: string): FileRow[] {
  const needle = search.trim().toLowerCase();
  const root = emptyFolder();
  for (const file of files) {
    if (needle && !file.path.toLowerCase().includes(needle)) continue;
    let folder = root;
    for (const part of file.path.split('/').slice(0, -1)) {
      const next = folder.folders.get(part) ?? emptyFolder();
      folder.folders.set(part, next);
      folder = next;
      folder.sizeBytes += file.size_bytes;
      folder.nFiles += 1;
    }
    folder.files.push(file);
  }
  const rows: FileRow[] = [];
  const visit = (folder: Folder, prefix: string, depth: number): void => {
    for (const [name, inner] of [...folder.folders].toSorted(([a], [b]) => a.localeCompare(b))) {
      const path = `${prefix}${name}`;
      rows.push({
        path,
        name,
        depth,
        file: null,
        sizeBytes: inner.sizeBytes,
        nFiles: inner.nFiles,
      });
      if (needle || !closed.has(path)) visit(inner, `${path}/`, depth + 1);
    }
    for (const file of folder.files.toSorted((a, b) => a.path.localeCompare(b.path))) {
      const name = file.path.slice(prefix.length);
      rows.push({ path: file.path, name, depth, file, sizeBytes: file.size_bytes, nFiles: 1 });
    }
  };
  visit(root, '', 0);
  return rows;
}

export type PreviewKind =
  'image' | 'audio' | 'video' | 'html' | 'markdown' | 'csv' | 'json' | 'table' | 'text' | 'none';

const BY_EXTENSION: Record<string, PreviewKind> = {
  png: 'image',
  jpg: 'image',
  jpeg: 'image',
  gif: 'image',
  webp: 'image',
  svg: 'image',
  bmp: 'image',
  avif: 'image',
  wav: 'audio',
  mp3: 'audio',
  ogg: 'audio',
  flac: 'audio',
  m4a: 'audio',
  mp4: 'video',
  webm: 'video',
  mov: 'video',
  html: 'html',
  htm: 'html',
  md: 'markdown',
  csv: 'csv',
  tsv: 'csv',
  json: 'json',
  jsonl: 'text',
  txt: 'text',
  log: 'text',
  yaml: 'text',
  yml: 'text',
  toml: 'text',
  py: 'text',
  sh: 'text',
  cfg: 'text',
  ini: 'text',
  patch: 'text',
  diff: 'text',
  rs: 'text',
  js: 'text',
  ts: 'text',
  ipynb: 'json',
  xml: 'text',
  tex: 'text',
};

/** How a file can be shown, by its name and then by its type. */
export function previewKind(file: RunFile): PreviewKind {
  if (file.path.endsWith('.table.json')) return 'table';
  const extension = /\.([^./]+)$/.exec(file.path)?.[1].toLowerCase() ?? '';
  const known = BY_EXTENSION[extension];
  if (known) return known;
  return file.mime_type?.startsWith('text/') ? 'text' : 'none';
}
