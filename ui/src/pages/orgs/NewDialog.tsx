import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from '@tanstack/react-router';
import { useState, type FormEvent, type ReactNode } from 'react';
import { refetchOrgs } from '~/api/org-edits';
import { Button } from '~/ui/Button';
import { Dialog } from '~/ui/Dialog';
import { Field, type FieldProps } from '~/ui/Field';
import { ErrorState } from '~/ui/States';

export interface NewDialogProps<Made> {
  /** What is made, as its button says it. */
  noun: 'organization' | 'team' | 'registry';
  title?: string;
  description?: string;
  /** Of the field that every such form begins with. */
  nameField?: Pick<FieldProps, 'hint' | 'placeholder'>;
  /** The fields besides the name. */
  children: ReactNode;
  /** Fails as the server refuses. */
  onMake: (name: string) => Promise<Made>;
  /** The page of what was made. */
  hrefOf: (made: Made) => string;
  onClose: () => void;
}

/** A form that makes something with a name and leads there; what the server refuses is told in it. */
export function NewDialog<Made>({
  noun,
  title = `New ${noun}`,
  description,
  nameField,
  children,
  onMake,
  hrefOf,
  onClose,
}: NewDialogProps<Made>) {
  const router = useRouter();
  const client = useQueryClient();
  const [name, setName] = useState('');
  const make = useMutation({
    mutationFn: () => onMake(name.trim()),
    onSuccess: made => {
      refetchOrgs(client);
      onClose();
      router.history.push(hrefOf(made));
    },
  });
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <Dialog open onOpenChange={open => !open && onClose()} title={title} description={description}>
      <form className="flex flex-col gap-4 overflow-y-auto p-4" onSubmit={onSubmit}>
        <Field
          label="Name"
          value={name}
          onChange={event => setName(event.target.value)}
          required
          pattern=".*\S.*"
          autoFocus
          autoComplete="off"
          spellCheck={false}
          {...nameField}
        />
        {children}
        {make.error && <ErrorState error={make.error} className="p-0!" />}
        <div className="flex justify-end gap-2">
          <Button tone="quiet" onClick={onClose}>
            Cancel
          </Button>
          <Button tone="primary" type="submit" disabled={make.isPending}>
            Create {noun}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
