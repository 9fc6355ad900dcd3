import { Check } from 'lucide-react';
import { ContextMenu as RadixContext, DropdownMenu as RadixDropdown } from 'radix-ui';
import { type ReactNode, useRef } from 'react';
import { cx } from '~/util/class-names';
import { Link } from './Link';

/** One entry of a menu; the kebab and the right click show the same list. */
export type MenuEntry =
  | {
      kind?: 'item';
      label: string;
      /** Called when the menu has closed, so that what it opens keeps the focus. */
      onSelect: () => void;
      hint?: string;
      danger?: boolean;
      disabled?: boolean;
    }
  | { kind: 'check'; label: string; checked: boolean; onSelect: () => void; hint?: string }
  | { kind: 'link'; label: string; href: string; download?: boolean; newTab?: boolean }
  | { kind: 'heading'; label: string }
  | { kind: 'line' };

export const FLOAT = 'z-50 rounded-md border border-line bg-raised text-ink shadow-float';
const CONTENT = `${FLOAT} max-h-[min(28rem,var(--radix-popper-available-height))] min-w-44 overflow-y-auto p-1`;
const ITEM =
  'flex h-7 items-center gap-2 rounded-sm px-2 text-13 outline-none select-none data-[disabled]:opacity-45 data-[highlighted]:bg-hover';

type Parts = Pick<
  typeof RadixDropdown,
  'Item' | 'CheckboxItem' | 'Label' | 'Separator' | 'ItemIndicator'
>;

interface EntriesProps {
  entries: MenuEntry[];
  parts: Parts;
  onChoose: (act: () => void) => void;
}

function Entries({ entries, parts, onChoose }: EntriesProps) {
  return entries.map((entry, index) => {
    const key = 'label' in entry ? entry.label : `line-${index}`;
    if (entry.kind === 'line') return <parts.Separator key={key} className="my-1 h-px bg-line" />;
    if (entry.kind === 'heading') {
      return (
        <parts.Label key={key} className="px-2 py-1 text-12 text-ink-3">
          {entry.label}
        </parts.Label>
      );
    }
    if (entry.kind === 'check') {
      return (
        <parts.CheckboxItem
          key={key}
          checked={entry.checked}
          onSelect={event => event.preventDefault()}
          onCheckedChange={entry.onSelect}
          className={ITEM}
        >
          <span className="flex w-4 justify-center">
            <parts.ItemIndicator>
              <Check className="size-3.5" aria-hidden />
            </parts.ItemIndicator>
          </span>
          <span className="max-w-64 truncate">{entry.label}</span>
          {entry.hint && <span className="ml-auto pl-4 text-12 text-ink-3">{entry.hint}</span>}
        </parts.CheckboxItem>
      );
    }
    if (entry.kind === 'link') {
      return (
        <parts.Item key={key} asChild className={ITEM}>
          {entry.download || entry.newTab ? (
            <a
              href={entry.href}
              download={entry.download}
              target={entry.newTab ? '_blank' : undefined}
              rel="noreferrer"
            >
              {entry.label}
            </a>
          ) : (
            <Link href={entry.href}>{entry.label}</Link>
          )}
        </parts.Item>
      );
    }
    return (
      <parts.Item
        key={key}
        disabled={entry.disabled}
        onSelect={() => onChoose(entry.onSelect)}
        className={cx(ITEM, entry.danger && 'text-bad')}
      >
        {entry.label}
        {entry.hint && <span className="ml-auto pl-4 text-12 text-ink-3">{entry.hint}</span>}
      </parts.Item>
    );
  });
}

export interface MenuProps {
  entries: () => MenuEntry[];
  children: ReactNode;
  align?: 'start' | 'end';
}

/**
 * What to do when the menu has closed and given the focus back to its trigger: done before, an input that opens would lose
 * the focus to it, and take that for being left.
 */
function useChosen() {
  const chosen = useRef<(() => void) | null>(null);
  return {
    onChoose: (act: () => void) => {
      chosen.current = act;
    },
    onCloseAutoFocus: () => {
      const act = chosen.current;
      chosen.current = null;
      // The focus moves when the event has been handled.
      if (act) setTimeout(act, 0);
    },
  };
}

/** A menu under its trigger. Entries are made when it opens. */
export function Menu({ entries, children, align = 'end' }: MenuProps) {
  const { onChoose, onCloseAutoFocus } = useChosen();
  return (
    <RadixDropdown.Root modal={false}>
      <RadixDropdown.Trigger asChild>{children}</RadixDropdown.Trigger>
      <RadixDropdown.Portal>
        <RadixDropdown.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          className={CONTENT}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          <LazyEntries entries={entries} parts={RadixDropdown} onChoose={onChoose} />
        </RadixDropdown.Content>
      </RadixDropdown.Portal>
    </RadixDropdown.Root>
  );
}

/** The same menu on right click. */
export function ContextMenu({ entries, children }: Omit<MenuProps, 'align'>) {
  const { onChoose, onCloseAutoFocus } = useChosen();
  return (
    <RadixContext.Root modal={false}>
      <RadixContext.Trigger asChild>{children}</RadixContext.Trigger>
      <RadixContext.Portal>
        <RadixContext.Content
          collisionPadding={8}
          className={CONTENT}
          onCloseAutoFocus={onCloseAutoFocus}
        >
          <LazyEntries entries={entries} parts={RadixContext} onChoose={onChoose} />
        </RadixContext.Content>
      </RadixContext.Portal>
    </RadixContext.Root>
  );
}

function LazyEntries({
  entries,
  ...rest
}: Omit<EntriesProps, 'entries'> & Pick<MenuProps, 'entries'>) {
  return <Entries entries={entries()} {...rest} />;
}
