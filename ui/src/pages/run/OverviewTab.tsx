import { useQuery } from '@tanstack/react-query';
import { Plus } from 'lucide-react';
import { useState, type ReactNode } from 'react';
import { queries } from '~/api/queries';
import { useRunEditing } from '~/hooks/use-run-editing';
import { InlineEdit } from '~/ui/InlineEdit';
import { Link } from '~/ui/Link';
import { Ago } from '~/ui/Time';
import { formatDateTime, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { TagEditor } from '~/workspace/TagEditor';
import type { RunTabProps } from '../RunPage';
import { EnvironmentFacts } from './EnvironmentFacts';
import { Fact, Facts } from './Facts';
import { JsonTree } from './JsonTree';
import { RunReports } from './RunReports';

/** Two columns: what the run was, and what it did. */
export function OverviewTab({ runRef, run }: RunTabProps) {
  return (
    <div className="min-h-0 flex-1 overflow-y-auto">
      <div className="grid max-w-[110rem] gap-x-8 gap-y-6 p-4 lg:grid-cols-2">
        <div className="flex min-w-0 flex-col gap-6">
          <RunReports runRef={runRef} run={run} />
          <Block title="Run">
            <RunFacts runRef={runRef} run={run} />
          </Block>
          <Block title="Environment">
            <EnvironmentFacts environment={run.environment} />
          </Block>
        </div>
        <div className="flex min-w-0 flex-col gap-6">
          <JsonTree
            title="Summary"
            value={run.summary}
            emptyText="Nothing is summed up yet: values appear with the first logged row."
          />
          <JsonTree
            title="Config"
            value={run.config}
            emptyText="This run was started without a config. Pass one to wandb.init(config=…)."
          />
        </div>
      </div>
    </div>
  );
}

function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section aria-label={title}>
      <h2 className="mb-1 flex h-7 items-center text-14 font-medium">{title}</h2>
      {children}
    </section>
  );
}

function RunFacts({ runRef, run }: RunTabProps) {
  const edits = useRunEditing(runRef);
  const [tagsOpen, setTagsOpen] = useState(false);
  const { data: runs } = useQuery({ ...queries.runs(runRef), enabled: tagsOpen });
  const knownTags = [...new Set(runs?.items.flatMap(other => other.tags) ?? [])];
  return (
    <Facts>
      <Fact name="Notes">
        <InlineEdit
          label="Notes"
          value={run.notes ?? ''}
          multiline
          placeholder="Add notes"
          onSave={edits ? notes => edits.patch(run, { notes }) : undefined}
        />
      </Fact>
      <Fact name="Tags">
        <span className="flex flex-wrap items-center gap-1">
          {run.tags.map(tag => (
            <span
              key={tag}
              className="max-w-48 truncate rounded-full border border-line px-2 text-12"
            >
              {tag}
            </span>
          ))}
          {edits && (
            <button
              type="button"
              onClick={() => setTagsOpen(true)}
              className="flex h-6 items-center gap-1 rounded-full border border-dashed border-line-strong px-2 text-12 text-ink-3 hover:text-ink"
            >
              <Plus className="size-3" aria-hidden />
              Edit tags
            </button>
          )}
          {tagsOpen && edits && (
            <TagEditor
              tags={run.tags}
              known={knownTags}
              onClose={() => setTagsOpen(false)}
              onSave={tags => edits.patch(run, { tags })}
            />
          )}
        </span>
      </Fact>
      <Fact name="Started">
        {formatDateTime(Date.parse(run.created_at))}{' '}
        <span className="text-ink-3">
          (<Ago time={run.created_at} />)
        </span>
        {run.user && <span className="text-ink-3"> by {run.user}</span>}
      </Fact>
      {run.ended_at && <Fact name="Ended">{formatDateTime(Date.parse(run.ended_at))}</Fact>}
      <Fact name="Id" mono copy={run.id}>
        {run.id}
      </Fact>
      {run.group && <Fact name="Group">{run.group}</Fact>}
      {run.job_type && <Fact name="Job type">{run.job_type}</Fact>}
      {run.sweep && (
        <Fact name="Sweep">
          <Link
            href={paths.sweep(runRef.entity, runRef.project, run.sweep)}
            className="font-mono text-12 text-accent underline"
          >
            {run.sweep}
          </Link>
        </Fact>
      )}
      {run.parent && (
        <Fact name="Forked from">
          {run.parent.run ? (
            <Link
              href={paths.run(runRef.entity, runRef.project, run.parent.run)}
              className="font-mono text-12 text-accent underline"
            >
              {run.parent.run}
            </Link>
          ) : (
            'a run that was deleted'
          )}{' '}
          at step {run.parent.step}
        </Fact>
      )}
      <Fact name="Logged">
        <span className="tabular">
          {plural(run.n_history_rows, 'row')}, {plural(run.n_system_rows, 'system row')},{' '}
          {plural(run.n_console_lines, 'console line')}
        </span>
      </Fact>
    </Facts>
  );
}
