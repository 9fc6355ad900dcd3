import MarkdownIt from 'markdown-it';
import { useMemo } from 'react';

/** HTML in the text is shown as text, and only web links become links. */
const markdown = new MarkdownIt({ html: false, linkify: false });
markdown.validateLink = url => /^https?:\/\//i.test(url);

export function Markdown({ text }: { text: string }) {
  const html = useMemo(() => markdown.render(text), [text]);
  return (
    <div
      className="prose min-h-0 flex-1 overflow-y-auto p-4"
      // Made by the renderer above from text it escapes.
      // oxlint-disable-next-line react/no-danger
      dangerouslySetInnerHTML={{ __html: html }}
    />
  );
}
