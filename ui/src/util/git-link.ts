/** The web page of a commit for remotes of the usual hosts' shape; null for anything else. */
export function commitUrl(
  remote: string | null | undefined,
  commit: string | null | undefined,
): string | null {
  const repository = repositoryUrl(remote);
  if (!repository || !commit || !/^[0-9a-f]{7,64}$/i.test(commit)) return null;
  return `${repository}/commit/${commit}`;
}

export function repositoryUrl(remote: string | null | undefined): string | null {
  if (!remote) return null;
  const scp = /^(?:ssh:\/\/)?git@([\w.-]+)(?::\d+)?[:/]([\w./~-]+?)(?:\.git)?\/?$/.exec(remote);
  if (scp) return `https://${scp[1]}/${scp[2]}`;
  try {
    const url = new URL(remote);
    if (url.protocol !== 'https:' && url.protocol !== 'http:') return null;
    return `https://${url.host}${url.pathname.replace(/(?:\.git)?\/?$/, '')}`;
  } catch {
    return null;
  }
}
