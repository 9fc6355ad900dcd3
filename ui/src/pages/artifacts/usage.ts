import type { Version } from '~/api/schema';

export interface Usage {
  title: string;
  text: string;
}

/** How a version is read by code and in a shell, asked for by `name`. */
export function usageOf(version: Version, name: string): Usage[] {
  const { entity, project, collection, type } = version;
  const path = JSON.stringify(`${entity}/${project}/${collection}:${name}`);
  const shellPath = `${entity}/${project}/${collection}:${name}`;
  const isSafe = /^[\w./:@+-]+$/.test(shellPath);
  return [
    {
      title: 'In a run, so that the run is in its lineage',
      text: [
        'import wandb',
        '',
        `with wandb.init(project=${JSON.stringify(project)}) as run:`,
        `    artifact = run.use_artifact(${path}, type=${JSON.stringify(type)})`,
        '    folder = artifact.download()',
      ].join('\n'),
    },
    {
      title: 'Without a run',
      text: [
        'import wandb',
        '',
        `artifact = wandb.Api().artifact(${path})`,
        'folder = artifact.download()',
      ].join('\n'),
    },
    {
      title: 'One file of it',
      text: `file = artifact.get_entry("path/in/the/artifact").download()`,
    },
    {
      title: 'In a shell',
      text: `wandb artifact get ${isSafe ? shellPath : `'${shellPath.replaceAll("'", String.raw`'\''`)}'`}`,
    },
  ];
}
