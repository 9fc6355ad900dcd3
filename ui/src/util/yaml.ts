import type { Json } from '~/api/schema';

const PLAIN = /^[A-Za-z_./][\w ./()+-]*$/;
const RESERVED = /^(?:true|false|yes|no|on|off|null|nan|inf)$/i;

function scalar(value: null | boolean | number | string): string {
  // Readers of YAML 1.1, Python's among them, take `1e-7` for text.
  if (typeof value === 'number') return String(value).replace(/^(-?\d+)e/, '$1.0e');
  if (typeof value !== 'string') return String(value);
  const plain = PLAIN.test(value) && !RESERVED.test(value) && !value.endsWith(' ');
  return plain ? value : JSON.stringify(value);
}

/** Writes a JSON value as YAML in block style; strings that could be read as something else are quoted. */
export function toYaml(value: Json, indent = ''): string {
  if (value === null || typeof value !== 'object') return `${indent}${scalar(value)}\n`;
  if (Array.isArray(value)) {
    if (value.length === 0) return `${indent}[]\n`;
    return value.map(item => entry(`${indent}-`, item, `${indent}  `)).join('');
  }
  const keys = Object.keys(value);
  if (keys.length === 0) return `${indent}{}\n`;
  return keys.map(key => entry(`${indent}${scalar(key)}:`, value[key], `${indent}  `)).join('');
}

function entry(head: string, value: Json, indent: string): string {
  const nested = value !== null && typeof value === 'object' && Object.keys(value).length > 0;
  return nested ? `${head}\n${toYaml(value, indent)}` : `${head} ${toYaml(value).trimEnd()}\n`;
}
