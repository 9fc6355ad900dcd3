import { useSuspenseQuery } from '@tanstack/react-query';
import { queries } from '~/api/queries';
import { CodeBlock } from '~/ui/CodeBlock';
import { NewKeyButton, useNewKey } from './NewKey';
import { PageHead } from './PageHead';

/** Where `wandb login` sends people: makes the key its prompt waits for. */
export function AuthorizePage() {
  const { data: me } = useSuspenseQuery(queries.me());
  const newKey = useNewKey();
  return (
    <>
      <PageHead title="Connect a terminal" />
      <div className="mx-auto flex max-w-2xl flex-col gap-3 p-4 sm:py-8">
        <p>
          The prompt of <code className="font-mono text-12">wandb login</code> asks for an API key.
          It lets that machine log and read as{' '}
          <strong className="font-medium">{me.username}</strong>.
        </p>
        {newKey.data ? (
          <>
            <CodeBlock text={newKey.data.key} label="API key" />
            <p className="text-ink-2">
              Paste it at the prompt and press Enter; the prompt shows nothing while you paste.
            </p>
            <p className="text-12 text-warn">The key is shown now and never again.</p>
          </>
        ) : (
          <NewKeyButton newKey={newKey} name="wandb login" label="Make a key" />
        )}
      </div>
    </>
  );
}
