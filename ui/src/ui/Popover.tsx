import { Popover as Radix } from 'radix-ui';
import type { ReactNode } from 'react';
import { cx } from '~/util/class-names';
import { FLOAT } from './Menu';

export interface PopoverProps {
  /** Opens it; or `anchor`, beside which it stands. */
  trigger?: ReactNode;
  anchor?: ReactNode;
  children: ReactNode;
  label: string;
  align?: 'start' | 'center' | 'end';
  className?: string;
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
}

export function Popover({
  trigger,
  anchor,
  children,
  label,
  align = 'start',
  className,
  open,
  onOpenChange,
}: PopoverProps) {
  return (
    <Radix.Root open={open} onOpenChange={onOpenChange}>
      {trigger && <Radix.Trigger asChild>{trigger}</Radix.Trigger>}
      {anchor && <Radix.Anchor asChild>{anchor}</Radix.Anchor>}
      <Radix.Portal>
        <Radix.Content
          align={align}
          sideOffset={4}
          collisionPadding={8}
          aria-label={label}
          className={cx(FLOAT, 'p-2', className)}
        >
          {children}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
