import type { ReactNode } from 'react';
import { CopyButton } from '~/ui/CodeBlock';
import { cx } from '~/util/class-names';

export function Facts({ children }: { children: ReactNode }) {
  return <dl className="grid grid-cols-[7.5rem_minmax(0,1fr)]">{children}</dl>;
}

export interface FactProps {
  name: string;
  children: ReactNode;
  mono?: boolean;
  /** Text a button copies. */
  copy?: string;
}

export function Fact({ name, children, mono, copy }: FactProps) {
  return (
    <>
      <dt className="border-b border-line py-1 text-ink-3">{name}</dt>
      <dd
        className={cx(
          'flex min-w-0 items-start gap-1 border-b border-line py-1',
          mono && 'font-mono text-12',
        )}
      >
        <span className="min-w-0 flex-1 break-words">{children}</span>
        {copy && <CopyButton text={copy} small />}
      </dd>
    </>
  );
}
