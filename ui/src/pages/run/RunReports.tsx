import { useQuery } from '@tanstack/react-query';
import { AlertTriangle, BellRing } from 'lucide-react';
import { queries } from '~/api/queries';
import { Ago } from '~/ui/Time';
import { CutNote } from '~/ui/States';
import { cutNote, plural } from '~/util/format';
import type { RunTabProps } from '../RunPage';

/** The server lists no more. */
const MAX_ALERTS = 1000;

/** What went wrong with the run's data, and what its script called attention to. Absent when there is neither. */
export function RunReports({ runRef, run }: RunTabProps) {
  const problems = useQuery({ ...queries.problems(runRef), enabled: run.n_problems > 0 });
  const alerts = useQuery(queries.alerts(runRef));
  const alertItems = alerts.data?.items ?? [];
  return (
    <>
      {run.n_problems > 0 && (
        <section aria-label="Problems" className="rounded-md border border-warn bg-warn-soft p-3">
          <h2 className="flex items-center gap-2 font-medium text-warn">
            <AlertTriangle className="size-4" aria-hidden />
            {plural(run.n_problems, 'line')} could not be stored as sent
          </h2>
          <ul className="mt-1 flex flex-col gap-1">
            {problems.data?.items.map(problem => (
              <li key={`${problem.stream}-${problem.line}`}>
                {problem.stream} line {problem.line}: {problem.reason}
                <code className="block truncate font-mono text-12 text-ink-2">
                  {problem.excerpt}
                </code>
              </li>
            ))}
          </ul>
          {problems.data && (
            <CutNote note={cutNote('newest', problems.data.items.length, run.n_problems)} />
          )}
        </section>
      )}
      {alertItems.length > 0 && (
        <section aria-label="Alerts" className="rounded-md border border-line p-3">
          <h2 className="flex items-center gap-2 font-medium">
            <BellRing className="size-4 text-ink-3" aria-hidden />
            {plural(alertItems.length, 'alert')}
          </h2>
          <ul className="mt-1 flex flex-col gap-1">
            {alertItems.map(alert => (
              <li key={`${alert.title}-${alert.created_at}`}>
                <span
                  className={
                    alert.severity === 'ERROR'
                      ? 'text-bad'
                      : alert.severity === 'WARN'
                        ? 'text-warn'
                        : ''
                  }
                >
                  {alert.severity.toLowerCase()}
                </span>{' '}
                <span className="font-medium">{alert.title}</span>{' '}
                <span className="text-ink-3">
                  <Ago time={alert.created_at} />
                </span>
                <p className="text-ink-2">{alert.text}</p>
              </li>
            ))}
          </ul>
          {alertItems.length >= MAX_ALERTS && (
            <CutNote note={cutNote('newest', alertItems.length, null)} />
          )}
        </section>
      )}
    </>
  );
}
