import { useState } from 'react';
import type { Environment } from '~/api/schema';
import { SearchField } from '~/ui/Field';
import { formatBytes, plural } from '~/util/format';
import { commitUrl, repositoryUrl } from '~/util/git-link';
import { Fact, Facts } from './Facts';

export function EnvironmentFacts({ environment }: { environment: Environment }) {
  const {
    command,
    host,
    os,
    python,
    executable,
    git_remote: remote,
    git_commit: commit,
    packages,
  } = environment;
  const commitLink = commitUrl(remote, commit);
  const hardware = hardwareOf(environment);
  const nothing =
    !command && !host && !os && !python && !commit && hardware === '' && !packages?.length;
  if (nothing) return <p className="text-ink-3">The client has not told where this run ran.</p>;
  return (
    <Facts>
      {command && (
        <Fact name="Command" mono copy={command}>
          {command}
        </Fact>
      )}
      {commit && (
        <Fact name="Git" mono copy={commit}>
          {commitLink ? (
            <a href={commitLink} target="_blank" rel="noreferrer" className="text-accent underline">
              {commit.slice(0, 12)}
            </a>
          ) : (
            commit.slice(0, 12)
          )}
          {remote && (
            <span className="text-ink-3">
              {' '}
              {repositoryUrl(remote)?.replace('https://', '') ?? remote}
            </span>
          )}
        </Fact>
      )}
      {host && (
        <Fact name="Host" mono>
          {host}
        </Fact>
      )}
      {os && <Fact name="System">{os}</Fact>}
      {python && (
        <Fact name="Python">
          {python}
          {executable && <span className="font-mono text-12 text-ink-3"> {executable}</span>}
        </Fact>
      )}
      {hardware && <Fact name="Hardware">{hardware}</Fact>}
      {packages && packages.length > 0 && (
        <Fact name="Packages">
          <PackageList packages={packages} />
        </Fact>
      )}
    </Facts>
  );
}

function hardwareOf({ cpu_count, gpu, gpu_count, memory_bytes, cuda }: Environment): string {
  return [
    cpu_count && plural(cpu_count, 'CPU'),
    memory_bytes && `${formatBytes(memory_bytes)} memory`,
    gpu && `${gpu_count && gpu_count > 1 ? `${gpu_count} × ` : ''}${gpu}`,
    cuda && `CUDA ${cuda}`,
  ]
    .filter(Boolean)
    .join(', ');
}

function PackageList({ packages }: { packages: string[] }) {
  const [search, setSearch] = useState('');
  const found = packages.filter(name => name.toLowerCase().includes(search.toLowerCase()));
  return (
    <details>
      <summary className="cursor-pointer">{plural(packages.length, 'package')}</summary>
      {packages.length > 12 && (
        <SearchField
          label="Search packages"
          value={search}
          onChange={setSearch}
          className="my-1 w-56"
        />
      )}
      <ul className="max-h-72 columns-2 overflow-y-auto font-mono text-12">
        {found.map(name => (
          <li key={name} className="truncate" title={name}>
            {name}
          </li>
        ))}
      </ul>
    </details>
  );
}
