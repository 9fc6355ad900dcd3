import type { ReactNode } from 'react';
import { cx } from '~/util/class-names';

export interface PageHeadProps {
  title: ReactNode;
  children?: ReactNode;
  /** On narrow screens the title takes a line of its own. */
  roomy?: boolean;
}

/** The bar on top of a page: where one is at the left, what can be done at the right. */
export function PageHead({ title, children, roomy }: PageHeadProps) {
  return (
    <header className="flex min-h-11 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
      <h1
        className={cx('min-w-0 flex-1 truncate text-14 font-medium', roomy && 'max-sm:basis-full')}
      >
        {title}
      </h1>
      {children}
    </header>
  );
}
