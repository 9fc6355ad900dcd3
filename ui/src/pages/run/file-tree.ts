/** What is told of a file of a run or a version. */
export interface ListedFile {
  path: string;
  /** Null where it is not known. */
  size_bytes: number | null;
  mime_type: string | null;
}

/** A folder or a file, as a line of the tree. */
export interface FileRow<File extends ListedFile = ListedFile> {
  path: string;
  name: string;
  depth: number;
  /** Null for a folder. */
  file: File | null;
  sizeBytes: number;
  nFiles: number;
}

interface Folder<File> {
  folders: Map<string, Folder<File>>;
  files: File[];
  sizeBytes: number;
  nFiles: number;
}

const emptyFolder = <File>(): Folder<File> => ({
  folders: new Map(),
  files: [],
  sizeBytes: 0,
  nFiles: 0,
});

/** The lines of a file tree, folders first; folders in `closed` hide what they hold, a search opens all. */
export function fileRows<File extends ListedFile>(
  files: File[],
  closed: Set<string>,
  search: string,
): FileRow<File>[] {
  const needle = search.trim().toLowerCase();
  const root = emptyFolder<File>();
  for (const file of files) {
    if (needle && !file.path.toLowerCase().includes(needle)) continue;
    let folder = root;
    for (const part of file.path.split('/').slice(0, -1)) {
      const next = folder.folders.get(part) ?? emptyFolder<File>();
      folder.folders.set(part, next);
      folder = next;
      folder.sizeBytes += file.size_bytes ?? 0;
      folder.nFiles += 1;
    }
    folder.files.push(file);
  }
  const rows: FileRow<File>[] = [];
  const visit = (folder: Folder<File>, prefix: string, depth: number): void => {
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
      rows.push({ path: file.path, name, depth, file, sizeBytes: file.size_bytes ?? 0, nFiles: 1 });
    }
  };
  visit(root, '', 0);
  return rows;
}

/** Folders that hold files, for a tree that starts closed. */
export function foldersOf(files: ListedFile[]): Set<string> {
  const folders = new Set<string>();
  for (const { path } of files)
    for (let at = path.lastIndexOf('/'); at > 0; at = path.lastIndexOf('/', at - 1)) {
      const folder = path.slice(0, at);
      if (folders.has(folder)) break;
      folders.add(folder);
    }
  return folders;
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
export function previewKind(file: ListedFile): PreviewKind {
  if (file.path.endsWith('.table.json')) return 'table';
  const extension = /\.([^./]+)$/.exec(file.path)?.[1].toLowerCase() ?? '';
  const known = BY_EXTENSION[extension];
  if (known) return known;
  return file.mime_type?.startsWith('text/') ? 'text' : 'none';
}
