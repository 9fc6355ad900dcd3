import type { ReactNode } from 'react';
import { Link } from './Link';

/** Cards side by side, as many as there is room for. */
export function CardGrid({ label, children }: { label: string; children: ReactNode }) {
  return (
    <ul
      aria-label={label}
      className="grid grid-cols-[repeat(auto-fill,minmax(min(20rem,100%),1fr))] gap-2"
    >
      {children}
    </ul>
  );
}

export interface CardProps {
  title: string;
  href: string;
  /** Beside the title. */
  mark?: ReactNode;
  children: ReactNode;
  foot?: ReactNode;
}

/** A thing with a page of its own: a click anywhere opens the page, but on links that are `relative`. */
export function Card({ title, href, mark, children, foot }: CardProps) {
  return (
    <li className="relative flex min-w-0 flex-col gap-2 rounded-md border border-line p-3 focus-within:border-line-strong hover:border-line-strong hover:bg-surface">
      <div className="flex min-w-0 items-center gap-2">
        <Link
          href={href}
          title={title}
          className="min-w-0 truncate text-14 font-medium after:absolute after:inset-0"
        >
          {title}
        </Link>
        {mark}
      </div>
      {children}
      {foot && (
        <div className="mt-auto flex min-w-0 items-center gap-2 text-12 text-ink-3">{foot}</div>
      )}
    </li>
  );
}
