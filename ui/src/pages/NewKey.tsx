import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api } from '~/api/client';
import { queries } from '~/api/queries';
import { Button } from '~/ui/Button';
import { ErrorState } from '~/ui/States';

/** Makes an API key; its text lives in this page's memory only. */
export function useNewKey() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: api.addApiKey,
    onSuccess: () => client.invalidateQueries({ queryKey: queries.apiKeys().queryKey }),
  });
}

export interface NewKeyButtonProps {
  newKey: ReturnType<typeof useNewKey>;
  name: string;
  label: string;
}

export function NewKeyButton({ newKey, name, label }: NewKeyButtonProps) {
  return (
    <div>
      <Button tone="primary" disabled={newKey.isPending} onClick={() => newKey.mutate(name)}>
        {label}
      </Button>
      {newKey.error && <ErrorState error={newKey.error} className="px-0" />}
    </div>
  );
}
