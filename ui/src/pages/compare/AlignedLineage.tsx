import { Link } from '~/ui/Link';
import { cx } from '~/util/class-names';
import { plural } from '~/util/format';
import { ChangeSign } from './DifferenceMarks';
import { compareNodes, NodeLink } from './FirstDifferences';
import type { DiffAlignment, LineageNode } from '~/api/schema';

const CHANGES = {
  same: 'same',
  changed: 'changed',
  only_left: 'removed',
  only_right: 'added',
} as const;

export interface AlignedLineageProps {
  steps: DiffAlignment[];
  names: [string, string];
}

/** The two lineages beside each other, step by step upstream. */
export function AlignedLineage({ steps, names }: AlignedLineageProps) {
  if (steps.length === 0) return null;
  return (
    <section aria-label="Lineages">
      <h2 className="flex h-7 items-center text-14 font-medium">Lineages</h2>
      <table className="w-full table-fixed border-collapse">
        <thead>
          <tr className="h-7 border-b border-line text-left text-12 text-ink-3 [&_th]:font-normal">
            <th scope="col" className="w-20 max-sm:w-8">
              <span className="max-sm:sr-only">Upstream</span>
            </th>
            <th scope="col" className="w-[22%]">
              What
            </th>
            <th scope="col" className="truncate pr-3" title={names[0]}>
              {names[0]}
            </th>
            <th scope="col" className="truncate pr-3" title={names[1]}>
              {names[1]}
            </th>
            <th scope="col" className="w-36 text-right max-sm:hidden">
              Differences
            </th>
          </tr>
        </thead>
        <tbody>
          {steps.map((step, index) => {
            const isNew = index === 0 || steps[index - 1].depth !== step.depth;
            return (
              <tr
                key={`${step.depth} ${step.name}`}
                className={cx(
                  'align-top hover:bg-surface [&>*]:py-1',
                  isNew && index > 0 && 'border-t border-line',
                  step.state === 'same' && 'text-ink-3',
                )}
              >
                <td className="tabular text-ink-3">{isNew && step.depth}</td>
                <th scope="row" className="pr-3 text-left font-normal">
                  <span className="flex min-w-0 gap-1">
                    <ChangeSign change={CHANGES[step.state]} />
                    <span className="min-w-0 break-words">{step.name}</span>
                  </span>
                </th>
                <Side node={step.left} />
                <Side node={step.right} />
                <td className="tabular text-right max-sm:hidden">
                  {step.left && step.right && step.depth > 0 && step.n_differences > 0 ? (
                    <Link
                      href={compareNodes(step.left, step.right)}
                      className="text-accent underline"
                    >
                      {plural(step.n_differences, 'difference')}
                    </Link>
                  ) : (
                    step.n_differences > 0 && plural(step.n_differences, 'difference')
                  )}
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
    </section>
  );
}

function Side({ node }: { node: LineageNode | null }) {
  return (
    <td className="pr-3 font-mono text-12">
      {node ? <NodeLink node={node} /> : <span className="text-ink-3">–</span>}
    </td>
  );
}
