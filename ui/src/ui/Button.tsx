import type { ButtonHTMLAttributes, ReactNode, Ref } from 'react';
import { cx } from '~/util/class-names';

type Tone = 'plain' | 'primary' | 'quiet' | 'danger';

const TONES: Record<Tone, string> = {
  plain: 'border border-line-strong bg-raised hover:bg-hover text-ink',
  primary: 'bg-accent text-on-accent hover:opacity-90',
  quiet: 'text-ink-2 hover:bg-hover hover:text-ink',
  danger: 'border border-line-strong bg-raised text-bad hover:bg-bad-soft',
};

export interface ButtonProps extends ButtonHTMLAttributes<HTMLButtonElement> {
  tone?: Tone;
  ref?: Ref<HTMLButtonElement>;
}

export function Button({ tone = 'plain', className, type = 'button', ...rest }: ButtonProps) {
  return (
    <button
      type={type}
      className={cx(
        'inline-flex h-7 shrink-0 items-center justify-center gap-1.5 rounded-md px-2.5 text-13 font-medium whitespace-nowrap disabled:opacity-50',
        TONES[tone],
        className,
      )}
      {...rest}
    />
  );
}

export interface IconButtonProps extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'children'> {
  label: string;
  children: ReactNode;
  small?: boolean;
  pressed?: boolean;
  ref?: Ref<HTMLButtonElement>;
}

/** A button that is only a picture; `label` is its name for screen readers and its hint. */
export function IconButton({
  label,
  small,
  pressed,
  className,
  children,
  ...rest
}: IconButtonProps) {
  return (
    <button
      type="button"
      aria-label={label}
      aria-pressed={pressed}
      title={label}
      className={cx(
        'inline-flex shrink-0 items-center justify-center rounded-sm text-ink-3 hover:bg-hover hover:text-ink disabled:opacity-40 [&_svg]:size-4',
        small ? 'size-6' : 'size-7',
        pressed && 'bg-accent-soft text-accent',
        className,
      )}
      {...rest}
    >
      {children}
    </button>
  );
}
