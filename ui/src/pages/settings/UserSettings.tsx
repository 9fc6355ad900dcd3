import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, type FormEvent } from 'react';
import { api } from '~/api/client';
import { queries } from '~/api/queries';
import { Button } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { ConfirmButton } from '~/ui/ConfirmButton';

export function UserSettings({ self }: { self: string }) {
  const client = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const { data, error } = useQuery(queries.users());
  const refresh = () => client.invalidateQueries({ queryKey: queries.users().queryKey });
  const add = useMutation({
    mutationFn: api.addUser,
    onSuccess: () => {
      form.current?.reset();
      return refresh();
    },
  });
  const remove = useMutation({ mutationFn: api.removeUser, onSuccess: refresh });
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const fields = new FormData(event.currentTarget);
    add.mutate({
      username: String(fields.get('username')).trim(),
      email: String(fields.get('email')).trim(),
      password: String(fields.get('password')) || undefined,
      admin: fields.get('admin') === 'on',
    });
  };
  if (error) return <ErrorState error={error} className="px-0" />;
  if (!data) return <SkeletonRows rows={3} />;
  return (
    <>
      <table className="w-full border-collapse">
        <thead>
          <tr className="h-7 border-b border-line text-left text-12 text-ink-3 [&_th]:font-normal">
            <th scope="col">User</th>
            <th scope="col">E-mail</th>
            <th scope="col" className="max-sm:hidden">
              Since
            </th>
            <th scope="col">
              <span className="sr-only">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {data.items.map(user => (
            <tr key={user.username} className="h-9 border-b border-line">
              <td>
                {user.username}
                {user.admin && <span className="ml-2 text-12 text-ink-3">admin</span>}
              </td>
              <td className="max-w-40 truncate text-ink-2">{user.email}</td>
              <td className="text-ink-2 max-sm:hidden">
                <Ago time={user.created_at} />
              </td>
              <td className="text-right">
                {user.username !== self && (
                  <ConfirmButton
                    label="Remove"
                    subject={user.username}
                    onConfirm={() => remove.mutate(user.username)}
                  />
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {remove.error && <ErrorState error={remove.error} className="px-0" />}
      <form ref={form} onSubmit={onSubmit} className="flex flex-wrap items-end gap-2">
        <Field label="User name" name="username" required autoComplete="off" className="w-40" />
        <Field
          label="E-mail"
          name="email"
          type="email"
          required
          autoComplete="off"
          className="w-48"
        />
        <Field
          label="Password"
          name="password"
          type="password"
          minLength={8}
          autoComplete="new-password"
          className="w-40"
        />
        <label className="flex h-7 cursor-pointer items-center gap-1.5">
          <input type="checkbox" name="admin" className="accent-accent" />
          admin
        </label>
        <Button type="submit" disabled={add.isPending}>
          Add user
        </Button>
      </form>
      {add.error && <ErrorState error={add.error} className="px-0" />}
    </>
  );
}
