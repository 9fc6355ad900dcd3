import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useParams, useRouter } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useState, type FormEvent } from 'react';
import type { ProjectRef } from '~/api/client';
import { queries } from '~/api/queries';
import type { Run } from '~/api/schema';
import { sweepApi } from '~/api/sweep-client';
import { sweepQueries } from '~/api/sweep-queries';
import type { ConfigCheck } from '~/api/sweep-schema';
import { useDebounced } from '~/hooks/use-debounced';
import { useProjectRole } from '~/hooks/use-project-role';
import { showToast } from '~/stores/toasts';
import { Button } from '~/ui/Button';
import { CodeBlock } from '~/ui/CodeBlock';
import { Field, INPUT, SearchField } from '~/ui/Field';
import { Link } from '~/ui/Link';
import { Select } from '~/ui/Select';
import { EmptyState, ErrorState, SkeletonRows } from '~/ui/States';
import { Ticks } from '~/ui/Ticks';
import { cx } from '~/util/class-names';
import { formatInteger, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { canWrite } from '~/util/roles';
import { useAddress } from '~/workspace/use-search';
import { PageHead } from '../PageHead';
import { Section } from '../Section';
import { Trail, useProjectSteps } from '../Trail';
import { readableConfig } from './config-text';
import { draftYaml, problemsByParameter, type DraftParameter, type SweepDraft } from './draft';
import { ParameterRows } from './ParameterRows';
import {
  goalFor,
  likelyMetric,
  MAX_STARTED_FROM,
  mergeParameters,
  pastRuns,
  suggestedParameters,
  type PastChoice,
} from './start';
import { Warnings } from './SweepConfig';

const CHECK_MS = 300;
const NO_RUNS: Run[] = [];
const METHODS: [SweepDraft['method'], string][] = [
  ['bayes', 'Bayesian: learns from every run'],
  ['random', 'random'],
  ['grid', 'grid: every combination once'],
];
const EARLY_STOPS: [SweepDraft['earlyStop'], string][] = [
  ['none', 'never'],
  ['hyperband', 'hyperband'],
  ['asha', 'ASHA'],
  ['median', 'below the median'],
];

export function NewSweepPage() {
  const { entity, project } = useParams({ from: '/frame/$entity/$project/sweeps/new' });
  const ref = useMemo(() => ({ entity, project }), [entity, project]);
  const [{ from }] = useAddress<{ from?: string }>();
  const role = useProjectRole(ref);
  const projectSteps = useProjectSteps(ref);
  const steps: [string, string][] = [...projectSteps, ['Sweeps', paths.sweeps(entity, project)]];
  useEffect(() => {
    document.title = `New sweep · ${project} · Ballast`;
  }, [project]);
  return (
    <div className="flex h-full flex-col">
      <PageHead
        roomy
        title={
          <>
            <Trail steps={steps} />
            <span className="font-normal text-ink-3"> / </span>New sweep
          </>
        }
      />
      <div className="min-h-0 flex-1 overflow-y-auto">
        {role !== null && !canWrite(role) ? (
          <EmptyState title="Only members of this project make sweeps">
            <p>
              You may look at{' '}
              <Link href={paths.sweeps(entity, project)} className="text-accent underline">
                those that there are
              </Link>
              .
            </p>
          </EmptyState>
        ) : from === undefined ? (
          <SweepForm projectRef={ref} />
        ) : (
          <FromSweep projectRef={ref} sweep={from} />
        )}
      </div>
    </div>
  );
}

function FromSweep({ projectRef, sweep }: { projectRef: ProjectRef; sweep: string }) {
  const { data, error } = useQuery(sweepQueries.sweep({ ...projectRef, sweep }));
  if (error) return <ErrorState error={error} />;
  if (!data) return <SkeletonRows rows={10} />;
  return <SweepForm projectRef={projectRef} config={readableConfig(data.config)} />;
}

/** A new sweep: by its parts, with what earlier runs suggest, or as text. */
function SweepForm({ projectRef, config }: { projectRef: ProjectRef; config?: string }) {
  const router = useRouter();
  const client = useQueryClient();
  const past = usePastRuns(projectRef);
  const [draft, setDraft] = useDraft(projectRef, past.chosen);
  const [text, setText] = useState<string | null>(config ?? null);
  const [countsPast, setCountsPast] = useState(true);
  const written = text ?? draftYaml(draft.value);
  const settled = useDebounced(written, CHECK_MS);
  const check = useQuery(sweepQueries.check(projectRef, settled));
  const problems = problemsByParameter(
    check.data?.problems ?? [],
    text === null ? draft.value.parameters.map(({ name }) => name.trim()) : [],
  );
  const make = useMutation({
    mutationFn: () =>
      sweepApi.addSweep(projectRef, {
        config: written,
        ...(countsPast && text === null && past.chosen.length > 0
          ? { prior_runs: past.chosen.map(({ id }) => id) }
          : {}),
      }),
    onSuccess: ({ sweep, warnings }) => {
      void client.invalidateQueries({ queryKey: sweepQueries.list(projectRef).queryKey });
      warnings.forEach(warning => showToast({ text: warning }));
      router.history.push(paths.sweep(projectRef.entity, projectRef.project, sweep.id));
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    make.mutate();
  };
  return (
    <form
      onSubmit={submit}
      className="grid max-w-[96rem] gap-x-8 gap-y-6 p-4 lg:grid-cols-[minmax(0,1fr)_minmax(0,26rem)]"
    >
      {text === null ? (
        <div className="flex min-w-0 flex-col gap-6">
          <PastSection past={past} countsPast={countsPast} onCountPast={setCountsPast} />
          <SearchSection projectRef={projectRef} draft={draft.value} onChange={setDraft.part} />
          <Section
            title="Parameters"
            note="those that are ticked are searched over; the script's own values hold for the others"
          >
            {draft.isPending ? (
              <SkeletonRows rows={5} />
            ) : (
              <ParameterRows
                parameters={draft.value.parameters}
                method={draft.value.method}
                problems={problems}
                firstAdded={draft.firstAdded}
                onChange={setDraft.parameter}
                onAdd={setDraft.add}
                onRemove={setDraft.remove}
              />
            )}
          </Section>
        </div>
      ) : (
        <Section title="Config" note="YAML or JSON, as `wandb sweep` takes it">
          <textarea
            aria-label="Config as YAML or JSON"
            value={text}
            rows={30}
            wrap="off"
            spellCheck={false}
            onChange={event => setText(event.target.value)}
            className={cx(INPUT, 'h-auto! py-1.5 font-mono text-12')}
          />
        </Section>
      )}
      <div className="flex min-w-0 flex-col gap-4 lg:sticky lg:top-4 lg:self-start">
        {text === null && (
          <Section
            title="Config"
            action={
              <Button tone="quiet" onClick={() => setText(written)}>
                Edit as text
              </Button>
            }
          >
            <CodeBlock
              text={written.trimEnd()}
              label="config"
              className="[&_pre]:max-h-[50vh] [&_pre]:overflow-y-auto"
            />
          </Section>
        )}
        <CheckState
          check={check.data}
          error={check.error}
          isCurrent={settled === written && !check.isPlaceholderData}
          general={problems.get('') ?? []}
        />
        {make.error && <ErrorState error={make.error} className="p-0! whitespace-pre-wrap" />}
        <div className="flex items-center gap-3">
          <Button tone="primary" type="submit" disabled={make.isPending}>
            Create sweep
          </Button>
          <span className="text-12 text-ink-3">then start agents with the line it shows</span>
        </div>
      </div>
    </form>
  );
}

/** What the server says of the config as it stands. */
function CheckState({
  check,
  error,
  isCurrent,
  general,
}: {
  check: ConfigCheck | undefined;
  error: Error | null;
  isCurrent: boolean;
  general: string[];
}) {
  if (error) return <ErrorState error={error} className="p-0!" />;
  if (!check) return null;
  const nProblems = check.problems.length + check.n_more_problems;
  return (
    <div className={cx('flex flex-col gap-2', !isCurrent && 'opacity-60')}>
      <p
        role="status"
        aria-label="Check of the config"
        className={nProblems > 0 ? 'font-medium text-bad' : 'text-ink-2'}
      >
        {nProblems > 0
          ? `${plural(nProblems, 'problem')} to mend`
          : check.n_expected === null
            ? 'This will do. Runs are given out until you stop it.'
            : `This will do: ${plural(check.n_expected, 'run')}.`}
      </p>
      {general.length > 0 && (
        <ul aria-label="Problems" className="flex flex-col gap-1 text-bad">
          {general.map(problem => (
            <li key={problem}>
              <Ticks text={problem} />
            </li>
          ))}
        </ul>
      )}
      <Warnings warnings={check.warnings} />
    </div>
  );
}

function usePastRuns(projectRef: ProjectRef) {
  const { data } = useQuery(queries.runs(projectRef));
  const [choice, setChoice] = useState<PastChoice>('finished');
  const [search, setSearch] = useState('');
  const settled = useDebounced(search, CHECK_MS);
  const all = data?.items ?? NO_RUNS;
  const chosen = useMemo(() => pastRuns(all, choice, settled), [all, choice, settled]);
  return { all, chosen, choice, setChoice, search, setSearch };
}

function PastSection({
  past,
  countsPast,
  onCountPast,
}: {
  past: ReturnType<typeof usePastRuns>;
  countsPast: boolean;
  onCountPast: (counts: boolean) => void;
}) {
  if (past.all.length === 0) return null;
  return (
    <Section
      title="Start from earlier runs"
      note="their configs suggest what to search over, and in which ranges"
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <Select
          bare
          label="Which earlier runs"
          value={past.choice}
          onChange={past.setChoice}
          options={[
            ['finished', 'finished runs'],
            ['all', 'all runs'],
            ['none', 'no runs'],
          ]}
        />
        {past.choice !== 'none' && (
          <SearchField
            label="Name, tag or group"
            value={past.search}
            onChange={past.setSearch}
            className="w-56"
          />
        )}
        <span role="status" className="tabular text-12 text-ink-2">
          {plural(past.chosen.length, 'run')}
          {past.chosen.length === MAX_STARTED_FROM &&
            `, the newest of ${formatInteger(past.all.length)}`}
        </span>
      </div>
      {past.chosen.length > 0 && (
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            checked={countsPast}
            onChange={event => onCountPast(event.target.checked)}
            className="size-4 accent-accent"
          />
          Count them as tried, so that the search knows what they reached
        </label>
      )}
    </Section>
  );
}

function SearchSection({
  projectRef,
  draft,
  onChange,
}: {
  projectRef: ProjectRef;
  draft: SweepDraft;
  onChange: (change: Partial<SweepDraft>) => void;
}) {
  const listId = useId();
  const typed = useDebounced(draft.metric, CHECK_MS);
  const { data: offered = [] } = useQuery(queries.metricNames(projectRef, typed));
  return (
    <Section title="Search">
      <div className="grid gap-3 sm:grid-cols-2 xl:grid-cols-3">
        <Select
          label="Method"
          value={draft.method}
          options={METHODS}
          onChange={method => onChange({ method })}
        />
        <Field
          label="Metric"
          value={draft.metric}
          list={listId}
          placeholder="a key that runs log"
          spellCheck={false}
          autoComplete="off"
          onChange={event =>
            onChange({ metric: event.target.value, goal: goalFor(event.target.value) })
          }
        />
        <datalist id={listId}>
          {offered.map(name => (
            <option key={name} value={name} />
          ))}
        </datalist>
        <Select
          label="Goal"
          value={draft.goal}
          options={[
            ['minimize', 'as low as possible'],
            ['maximize', 'as high as possible'],
          ]}
          onChange={goal => onChange({ goal })}
        />
        <Field
          label="Runs at most"
          value={draft.runCap}
          inputMode="numeric"
          placeholder="until it is stopped"
          onChange={event => onChange({ runCap: event.target.value })}
        />
        <Select
          label="Stop weak runs early"
          value={draft.earlyStop}
          options={EARLY_STOPS}
          onChange={earlyStop => onChange({ earlyStop })}
        />
        {draft.earlyStop !== 'none' && (
          <Field
            label="But not before so many values"
            value={draft.minIter}
            inputMode="numeric"
            onChange={event => onChange({ minIter: event.target.value })}
          />
        )}
        <Field
          label="Program"
          value={draft.program}
          placeholder="train.py"
          hint="not for wandb.agent(function=…)"
          spellCheck={false}
          onChange={event => onChange({ program: event.target.value })}
        />
        <Field
          label="Name"
          value={draft.name}
          placeholder="what people call it"
          onChange={event => onChange({ name: event.target.value })}
        />
      </div>
    </Section>
  );
}

/** What is edited, over what earlier runs and the project's metrics suggest. */
function useDraft(projectRef: ProjectRef, chosen: Run[]) {
  const ids = useMemo(() => chosen.map(({ id }) => id), [chosen]);
  const suggestion = useQuery({
    ...sweepQueries.suggestion(projectRef, ids),
    enabled: ids.length > 0,
  });
  const { data: metrics = [] } = useQuery(queries.metricNames(projectRef, ''));
  const [changes, setChanges] = useState<Partial<SweepDraft>>({});
  const [edited, setEdited] = useState(() => new Map<string, DraftParameter>());
  const [added, setAdded] = useState<DraftParameter[]>([]);
  const suggested = useMemo(
    () =>
      ids.length > 0 && suggestion.data && !suggestion.isPlaceholderData
        ? suggestedParameters(suggestion.data)
        : [],
    [ids, suggestion.data, suggestion.isPlaceholderData],
  );
  const metric = likelyMetric(metrics);
  const parameters = mergeParameters(suggested, edited, added);
  const firstAdded = parameters.length - added.length;
  const value: SweepDraft = {
    name: '',
    method: 'bayes',
    metric,
    goal: goalFor(metric),
    runCap: '50',
    earlyStop: 'none',
    minIter: '',
    program: '',
    ...changes,
    parameters,
  };
  const set = {
    part: (change: Partial<SweepDraft>) => setChanges(old => ({ ...old, ...change })),
    parameter: (place: number, parameter: DraftParameter) => {
      if (place >= firstAdded) setAdded(old => old.with(place - firstAdded, parameter));
      else setEdited(old => new Map(old).set(parameter.name, parameter));
    },
    add: (parameter: DraftParameter) => setAdded(old => [...old, parameter]),
    remove: (place: number) => setAdded(old => old.toSpliced(place - firstAdded, 1)),
  };
  const isPending = ids.length > 0 && suggestion.isPending;
  return [{ value, firstAdded, isPending }, set] as const;
}
