import type { ReactNode } from 'react';
import { cx } from '~/util/class-names';

export interface EntityTableProps<Item> {
  label: string;
  items: Item[];
  keyOf: (item: Item) => string;
  columns: EntityColumn<Item>[];
}

export interface EntityColumn<Item> {
  name: string;
  show: (item: Item) => ReactNode;
  align?: 'right';
  className?: string;
}

/** A short table of teams or organizations. The first column takes what room is left. */
export function EntityTable<Item>({ label, items, keyOf, columns }: EntityTableProps<Item>) {
  return (
    <table aria-label={label} className="w-full table-fixed border-collapse">
      <thead>
        <tr className="h-7 border-b border-line text-left text-12 text-ink-3 [&_th]:font-normal">
          {columns.map(({ name, align, className }) => (
            <th key={name} scope="col" className={cx(align && 'text-right', className)}>
              {name}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {items.map(item => (
          <tr key={keyOf(item)} className="h-9 border-b border-line hover:bg-surface">
            {columns.map(({ name, show, align, className }) => (
              <td
                key={name}
                className={cx('truncate', align ? 'tabular text-right' : 'pr-2', className)}
              >
                {show(item)}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
