import type { ReactNode } from 'react';

export interface SectionProps {
  title: string;
  note?: string;
  /** What can be done with the whole of it, beside its title. */
  action?: ReactNode;
  children: ReactNode;
}

/** A titled part of a page. */
export function Section({ title, note, action, children }: SectionProps) {
  return (
    <section aria-label={title} className="flex flex-col gap-3">
      <div className="flex flex-wrap items-start gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-32">
          <h2 className="text-14 font-medium">{title}</h2>
          {note && <p className="text-12 text-ink-3">{note}</p>}
        </div>
        {action}
      </div>
      {children}
    </section>
  );
}
