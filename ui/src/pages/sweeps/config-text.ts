import { exactJson } from '~/util/exact-json';

/** A config as people read it: YAML as it was given; JSON on lines, its numbers as written, since `1` and `1.0` differ. */
export function readableConfig(config: string): string {
  if (!config.trimStart().startsWith('{') || !('rawJSON' in JSON)) return config;
  try {
    return `${JSON.stringify(exactJson(config), null, 2)}\n`;
  } catch {
    // YAML in flow style begins with a brace, too.
    return config;
  }
}
