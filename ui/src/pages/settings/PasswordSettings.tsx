import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, type FormEvent } from 'react';
import { api } from '~/api/client';
import { queries } from '~/api/queries';
import { showToast } from '~/stores/toasts';
import { Button } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { ErrorState } from '~/ui/States';

export interface PasswordSettingsProps {
  hasPassword: boolean;
  username: string;
}

export function PasswordSettings({ hasPassword, username }: PasswordSettingsProps) {
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const change = useMutation({
    mutationFn: api.setPassword,
    onSuccess: () => {
      form.current?.reset();
      showToast({ text: 'password changed' });
      return client.invalidateQueries({ queryKey: queries.me().queryKey });
    },
  });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    change.mutate({
      current_password: hasPassword ? String(fields.get('current')) : undefined,
      new_password: String(fields.get('new')),
    });
  };
  return (
    <form ref={form} onSubmit={onSubmit} className="flex flex-wrap items-end gap-2">
      <input type="text" name="username" autoComplete="username" value={username} readOnly hidden />
      {hasPassword && (
        <Field
          label="Current password"
          name="current"
          type="password"
          autoComplete="current-password"
          required
          className="w-64"
        />
      )}
      <Field
        label="New password"
        name="new"
        type="password"
        autoComplete="new-password"
        minLength={8}
        required
        className="w-64"
      />
      <Button type="submit" disabled={change.isPending}>
        {hasPassword ? 'Change' : 'Set password'}
      </Button>
      {change.error && <ErrorState error={change.error} className="w-full px-0" />}
    </form>
  );
}
