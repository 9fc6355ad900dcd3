import type { ReactNode } from 'react';

export interface PageHeadProps {
  title: ReactNode;
  children?: ReactNode;
}

/** The bar on top of a page: where one is at the left, what can be done at the right. */
export function PageHead({ title, children }: PageHeadProps) {
  return (
    <header className="flex min-h-11 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line px-4 py-1.5">
      <h1 className="min-w-0 flex-1 truncate text-14 font-medium">{title}</h1>
      {children}
    </header>
  );
}
