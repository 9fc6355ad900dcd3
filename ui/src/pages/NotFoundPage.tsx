import { useRouter } from '@tanstack/react-router';
import { ErrorState } from '~/ui/States';
import { Link } from '~/ui/Link';
import { paths } from '~/util/paths';

export function NotFoundPage() {
  return (
    <div className="flex flex-col items-start gap-2 p-8">
      <h1 className="text-16 font-medium">There is no such page</h1>
      <p className="text-ink-2">The address may be misspelt, or what it named was deleted.</p>
      <Link href={paths.projects()} className="text-accent underline">
        Go to the projects
      </Link>
    </div>
  );
}

export function PageError({ error }: { error: unknown }) {
  const router = useRouter();
  return (
    <div className="p-4">
      <ErrorState error={error} onRetry={() => void router.invalidate()} />
    </div>
  );
}
