import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState, type FormEvent } from 'react';
import { api } from '~/api/client';
import { queries } from '~/api/queries';
import { Button } from '~/ui/Button';
import { CodeBlock } from '~/ui/CodeBlock';
import { Field } from '~/ui/Field';
import { ErrorState, SkeletonRows } from '~/ui/States';
import { Ago } from '~/ui/Time';
import { useNewKey } from '../NewKey';
import { ConfirmButton } from '~/ui/ConfirmButton';

export function ApiKeySettings() {
  const client = useQueryClient();
  const { data, error } = useQuery(queries.apiKeys());
  const [name, setName] = useState('');
  const newKey = useNewKey();
  const revoke = useMutation({
    mutationFn: api.removeApiKey,
    onSuccess: () => client.invalidateQueries({ queryKey: queries.apiKeys().queryKey }),
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    newKey.mutate(name.trim() || 'unnamed', { onSuccess: () => setName('') });
  };
  if (error) return <ErrorState error={error} className="px-0" />;
  if (!data) return <SkeletonRows rows={3} />;
  return (
    <>
      {data.items.length > 0 && (
        <table className="w-full border-collapse">
          <thead>
            <tr className="h-7 border-b border-line text-left text-12 text-ink-3 [&_th]:font-normal">
              <th scope="col">Name</th>
              <th scope="col">Ends in</th>
              <th scope="col" className="max-sm:hidden">
                Made
              </th>
              <th scope="col">Last used</th>
              <th scope="col">
                <span className="sr-only">Actions</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {data.items.map(key => (
              <tr key={key.id} className="h-9 border-b border-line">
                <td className="max-w-48 truncate pr-2">{key.name}</td>
                <td className="font-mono text-12">{key.hint}</td>
                <td className="text-ink-2 max-sm:hidden">
                  <Ago time={key.created_at} />
                </td>
                <td className="text-ink-2">
                  {key.last_used_at ? <Ago time={key.last_used_at} /> : 'never'}
                </td>
                <td className="text-right">
                  <ConfirmButton
                    label="Revoke"
                    subject={key.name}
                    onConfirm={() => revoke.mutate(key.id)}
                  />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {revoke.error && <ErrorState error={revoke.error} className="px-0" />}
      {newKey.data && (
        <div className="flex flex-col gap-1">
          <CodeBlock text={newKey.data.key} label="API key" />
          <p className="text-12 text-warn">Copy it now: it is not shown again.</p>
        </div>
      )}
      <form onSubmit={onSubmit} className="flex items-end gap-2">
        <Field
          label="Name of a new key"
          value={name}
          onChange={event => setName(event.target.value)}
          placeholder="laptop"
          className="w-64"
        />
        <Button type="submit" disabled={newKey.isPending}>
          Make key
        </Button>
      </form>
      {newKey.error && <ErrorState error={newKey.error} className="px-0" />}
    </>
  );
}
