import { useEffect, useState } from 'react';
import { Button } from './Button';

export interface ConfirmButtonProps {
  label: string;
  subject: string;
  onConfirm: () => void;
}

const PATIENCE_MS = 4000;

/** A button that asks once more before doing what cannot be undone. */
export function ConfirmButton({ label, subject, onConfirm }: ConfirmButtonProps) {
  const [asked, setAsked] = useState(false);
  useEffect(() => {
    if (!asked) return undefined;
    const timer = setTimeout(() => setAsked(false), PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [asked]);
  return (
    <Button
      tone={asked ? 'danger' : 'quiet'}
      aria-label={asked ? `Really ${label.toLowerCase()} ${subject}` : `${label} ${subject}`}
      onClick={() => (asked ? onConfirm() : setAsked(true))}
    >
      {asked ? `Really ${label.toLowerCase()}?` : label}
    </Button>
  );
}
