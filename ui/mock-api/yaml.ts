import type { Json, JsonObject } from '../src/api/schema';

interface Line {
  indent: number;
  text: string;
}

/** Reads JSON, or YAML of mappings and lists in block style. Throws where it cannot. */
export function readYaml(text: string): Json {
  if (/^\s*[{[]/.test(text)) return JSON.parse(text) as Json;
  const lines = text
    .split('\n')
    .filter(line => line.trim() !== '' && !/^\s*#/.test(line))
    .map(line => ({ indent: line.length - line.trimStart().length, text: line.trim() }));
  const reader = { lines, at: 0 };
  const value = readBlock(reader, 0);
  if (reader.at < lines.length) throw new Error(`cannot read \`${lines[reader.at].text}\``);
  return value;
}

interface Reader {
  lines: Line[];
  at: number;
}

function readBlock(reader: Reader, indent: number): Json {
  const first = reader.lines[reader.at] as Line | undefined;
  if (!first || first.indent < indent) return null;
  return first.text.startsWith('-')
    ? readItems(reader, first.indent)
    : readMembers(reader, first.indent);
}

function readItems(reader: Reader, indent: number): Json[] {
  const items: Json[] = [];
  for (
    let line = reader.lines[reader.at];
    line?.indent === indent;
    line = reader.lines[reader.at]
  ) {
    if (!line.text.startsWith('-')) break;
    reader.at += 1;
    const rest = line.text.slice(1).trim();
    items.push(rest === '' ? readBlock(reader, indent + 1) : scalar(rest));
  }
  return items;
}

function readMembers(reader: Reader, indent: number): JsonObject {
  const members: JsonObject = {};
  for (
    let line = reader.lines[reader.at];
    line?.indent === indent;
    line = reader.lines[reader.at]
  ) {
    const found = /^("(?:[^"\\]|\\.)*"|[^:]+):\s*(.*)$/.exec(line.text);
    if (!found) throw new Error(`expected \`key: value\`, found \`${line.text}\``);
    reader.at += 1;
    const key = String(scalar(found[1]));
    members[key] = found[2] === '' ? readBlock(reader, indent + 1) : scalar(found[2]);
  }
  return members;
}

function scalar(text: string): Json {
  if (/^["[{]/.test(text)) return JSON.parse(text) as Json;
  if (text === 'true' || text === 'false') return text === 'true';
  if (text === 'null') return null;
  return Number.isNaN(Number(text)) ? text : Number(text);
}
