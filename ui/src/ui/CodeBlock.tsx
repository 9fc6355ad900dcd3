import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { copyText } from '~/util/clipboard';
import { cx } from '~/util/class-names';
import { IconButton } from './Button';

export function CopyButton({
  text,
  label = 'Copy',
  small,
}: {
  text: string;
  label?: string;
  small?: boolean;
}) {
  const [copied, setCopied] = useState(false);
  const copy = async () => {
    setCopied(await copyText(text));
    setTimeout(() => setCopied(false), 1500);
  };
  return (
    <IconButton label={copied ? 'Copied' : label} small={small} onClick={() => void copy()}>
      {copied ? <Check className="text-good" aria-hidden /> : <Copy aria-hidden />}
    </IconButton>
  );
}

/** Lines to paste, with a button that copies them. */
export function CodeBlock({
  text,
  label,
  className,
}: {
  text: string;
  label?: string;
  className?: string;
}) {
  return (
    <div className={cx('relative w-full rounded-md border border-line bg-surface', className)}>
      <pre
        // Scrollable by keyboard.
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        tabIndex={0}
        aria-label={label}
        className="overflow-x-auto py-2 pr-10 pl-3 font-mono text-12 leading-5"
      >
        {text}
      </pre>
      <div className="absolute top-1 right-1">
        <CopyButton text={text} label={label ? `Copy ${label}` : 'Copy'} />
      </div>
    </div>
  );
}
