import { Tabs as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { formatInteger } from '~/util/format';

export interface TabsProps<Value extends string> {
  /** What the tabs are parts of. */
  label: string;
  /** Each with how many things are in it, where that is worth knowing. */
  tabs: [value: Value, label: string, count?: number][];
  value: Value;
  onChange: (value: Value) => void;
  /** What the chosen tab shows. */
  children: ReactNode;
}

/** A row of tabs and, below it, the chosen one. */
export function Tabs<Value extends string>({
  label,
  tabs,
  value,
  onChange,
  children,
}: TabsProps<Value>) {
  return (
    <Radix.Root
      value={value}
      onValueChange={next => onChange(next as Value)}
      className="flex min-h-0 flex-1 flex-col"
    >
      <Radix.List
        aria-label={label}
        className="flex shrink-0 gap-1 overflow-x-auto border-b border-line px-3"
      >
        {tabs.map(([name, text, count]) => (
          <Radix.Trigger
            key={name}
            value={name}
            className="h-9 border-b-2 border-transparent px-2 text-ink-2 hover:text-ink data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-ink"
          >
            {text}
            {count !== undefined && (
              <span className="tabular ml-1.5 text-12 font-normal text-ink-3">
                {formatInteger(count)}
              </span>
            )}
          </Radix.Trigger>
        ))}
      </Radix.List>
      <Radix.Content
        value={value}
        className="flex min-h-0 flex-1 flex-col outline-none"
        tabIndex={-1}
      >
        {children}
      </Radix.Content>
    </Radix.Root>
  );
}
