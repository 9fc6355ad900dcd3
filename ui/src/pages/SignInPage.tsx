import { useNavigate, useRouter, useSearch } from '@tanstack/react-router';
import { useState, type FormEvent } from 'react';
import { api } from '~/api/client';
import { queries, queryClient } from '~/api/queries';
import type { Me } from '~/api/schema';
import { Button } from '~/ui/Button';
import { Field } from '~/ui/Field';
import { ErrorState } from '~/ui/States';

export function SignInPage() {
  const { token, next } = useSearch({ from: '/sign-in' });
  const navigate = useNavigate();
  const router = useRouter();
  const [error, setError] = useState<unknown>(null);
  const [busy, setBusy] = useState(false);

  const enter = async (request: Promise<Me>) => {
    setBusy(true);
    setError(null);
    try {
      const me = await request;
      queryClient.clear();
      queryClient.setQueryData(queries.me().queryKey, me);
      if (next) router.history.replace(next);
      else await navigate({ to: '/', replace: true });
    } catch (failure) {
      setError(failure);
    } finally {
      setBusy(false);
    }
  };
  const onSubmit = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    void enter(api.signIn(String(form.get('username')), String(form.get('password'))));
  };

  return (
    <main className="flex min-h-full items-center justify-center bg-surface p-4">
      <div className="w-full max-w-80">
        <h1 className="mb-4 flex items-center gap-2 text-20 font-medium">
          <img src="/favicon.svg" alt="" className="size-7" />
          Ballast
        </h1>
        <div className="rounded-md border border-line bg-bg p-4">
          {token ? (
            <LinkSignIn busy={busy} onEnter={() => void enter(api.signInByLink(token))} />
          ) : (
            <form onSubmit={onSubmit} className="flex flex-col gap-3">
              <Field label="User name" name="username" autoComplete="username" autoFocus required />
              <Field
                label="Password"
                name="password"
                type="password"
                autoComplete="current-password"
                required
              />
              <Button type="submit" tone="primary" disabled={busy} className="mt-1">
                Sign in
              </Button>
            </form>
          )}
          {error !== null && <ErrorState error={error} className="px-0 pb-0" />}
        </div>
        <p className="mt-3 text-12 text-ink-3">
          {token ? (
            <a href="/sign-in" className="text-accent underline">
              Sign in with a password instead
            </a>
          ) : (
            'No password yet? The server prints a one-time sign-in link when it starts.'
          )}
        </p>
      </div>
    </main>
  );
}

/** The link is used up by a click, not by opening the page: previews of links must not spend it. */
function LinkSignIn({ busy, onEnter }: { busy: boolean; onEnter: () => void }) {
  return (
    <div className="flex flex-col gap-3">
      <p className="text-ink-2">This sign-in link works once.</p>
      <Button tone="primary" disabled={busy} onClick={onEnter} autoFocus>
        Sign in with this link
      </Button>
    </div>
  );
}
