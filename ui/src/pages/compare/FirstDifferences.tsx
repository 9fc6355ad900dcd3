import { nameOf, pageOf } from '~/lineage/item';
import { Link } from '~/ui/Link';
import { Ticks } from '~/ui/Ticks';
import { formatBytes, plural } from '~/util/format';
import { paths } from '~/util/paths';
import { nodeSpec } from '~/util/spec';
import { ChangeSign } from './DifferenceMarks';
import type { DiffEntry, DiffFinding, LineageNode } from '~/api/schema';

/** What differs furthest upstream comes first: it may be why the rest differs. */
export function FirstDifferences({ findings }: { findings: DiffFinding[] }) {
  const roots = findings.filter(finding => finding.is_root);
  const rest = findings.filter(finding => !finding.is_root);
  if (findings.length === 0) return null;
  return (
    <section aria-label="First differences upstream">
      <h2 className="flex h-7 items-center gap-2 text-14 font-medium">
        First differences upstream
        <span className="text-12 font-normal text-ink-3 max-sm:hidden">
          nothing before them differs; furthest upstream first
        </span>
      </h2>
      <FindingList findings={roots} />
      {rest.length > 0 && (
        <details className="mt-1">
          <summary className="cursor-pointer leading-7 text-ink-2">
            {plural(rest.length, 'difference')} that may follow from them
          </summary>
          <FindingList findings={rest} />
        </details>
      )}
    </section>
  );
}

function FindingList({ findings }: { findings: DiffFinding[] }) {
  return (
    <ol className="rounded-md border border-line">
      {findings.map(finding => (
        <li
          key={`${finding.depth} ${finding.section} ${finding.key} ${finding.message}`}
          className="flex items-start gap-3 border-b border-line px-3 py-2 last:border-0 max-sm:flex-wrap max-sm:gap-x-2"
        >
          <span className="tabular w-32 shrink-0 text-12 leading-5 text-ink-3">
            {stepsOf(finding.depth)}
          </span>
          <div className="flex min-w-0 flex-1 gap-1 max-sm:basis-full">
            <ChangeSign change={finding.change} />
            <div className="min-w-0 break-words first-letter:uppercase">
              <Ticks text={finding.message} />
              <Files files={finding.files} />
            </div>
          </div>
          <Sides finding={finding} />
        </li>
      ))}
    </ol>
  );
}

/** Which files of a version differ, listed when somebody asks. */
function Files({ files }: { files: DiffEntry[] }) {
  if (files.length === 0) return null;
  return (
    <details>
      <summary className="cursor-pointer text-12 text-ink-3">Files</summary>
      <ul className="max-h-72 overflow-y-auto">
        {files.map(({ key, change, left_size_bytes: before, right_size_bytes: after }) => (
          <li key={key} className="flex gap-1 font-mono text-12">
            <ChangeSign change={change} />
            <span className="min-w-0 break-all">{key}</span>
            <span className="tabular shrink-0 pl-2 text-ink-3">
              {[before, after]
                .filter(size => size !== null)
                .map(formatBytes)
                .join(' → ')}
            </span>
          </li>
        ))}
      </ul>
    </details>
  );
}

function stepsOf(depth: number): string {
  if (depth === 0) return 'between the two';
  return depth === 1 ? '1 step upstream' : `${depth} steps upstream`;
}

/** The two that differ, and a way to their own comparison. */
function Sides({
  finding: { depth, left_node: left, right_node: right },
}: {
  finding: DiffFinding;
}) {
  if (depth === 0) return null;
  return (
    <span className="flex max-w-[45%] shrink-0 flex-wrap items-center justify-end gap-x-2 font-mono text-12 max-sm:max-w-full max-sm:pl-5">
      {left && <NodeLink node={left} />}
      {left && right && <span className="text-ink-3">→</span>}
      {right && <NodeLink node={right} />}
      {left && right && (
        <Link
          href={compareNodes(left, right)}
          className="font-sans text-13 text-accent underline"
          aria-label={`Compare ${nameOf(left)} with ${nameOf(right)}`}
        >
          Compare
        </Link>
      )}
    </span>
  );
}

export function NodeLink({ node }: { node: LineageNode }) {
  return (
    <Link href={pageOf(node)} className="min-w-0 break-all hover:underline">
      {nameOf(node)}
    </Link>
  );
}

export function compareNodes(left: LineageNode, right: LineageNode): string {
  const { entity, project } = (right.artifact ?? right.run)!;
  return paths.compare(entity, project, nodeSpec(left), nodeSpec(right));
}
