import { Eye, EyeOff, MoreVertical } from 'lucide-react';
import { memo, useState } from 'react';
import type { ProjectRef } from '~/api/client';
import type { RunEdits } from '~/api/run-edits';
import type { Run } from '~/api/schema';
import type { PanelGroup } from '~/panels/panel';
import { useHoveredRun } from '~/stores/hovered-run';
import { IconButton } from '~/ui/Button';
import { Link } from '~/ui/Link';
import { ContextMenu, Menu } from '~/ui/Menu';
import { StateMark } from '~/ui/StateMark';
import { cx } from '~/util/class-names';
import { paths } from '~/util/paths';
import { runColor } from '~/util/run-color';
import { ColorPicker } from './ColorPicker';
import { runMenu } from './run-menu';
import { TagEditor } from './TagEditor';

export interface RunRowProps {
  projectRef: ProjectRef;
  run: Run;
  isShown: boolean;
  /** The group it is drawn in. */
  group?: PanelGroup;
  /** `only` switches every other run off. */
  onToggle: (run: string, only: boolean) => void;
  /** Null for who may only read. */
  edits: RunEdits | null;
  knownTags: () => string[];
}

export const RunRow = memo(function RunRow({
  projectRef,
  run,
  isShown,
  group,
  onToggle,
  edits,
  knownTags,
}: RunRowProps) {
  const [mode, setMode] = useState<'read' | 'rename' | 'tags' | 'color'>('read');
  const entries = () =>
    runMenu(projectRef, run, edits, {
      onRename: () => setMode('rename'),
      onTags: () => setMode('tags'),
      onColor: () => setMode('color'),
      onOnly: () => onToggle(run.id, true),
    });
  const color = group?.color ?? runColor(run);
  const EyeIcon = isShown ? Eye : EyeOff;
  return (
    <ContextMenu entries={entries}>
      <div
        className={cx(
          'group/run flex h-7 items-center gap-1 pr-1 pl-1.5 hover:bg-hover',
          !isShown && 'text-ink-3',
        )}
        onPointerEnter={() => useHoveredRun.setState({ runId: group?.id ?? run.id })}
        onPointerLeave={() => useHoveredRun.setState({ runId: null })}
      >
        <IconButton
          label={`${isShown ? 'Hide' : 'Show'} ${run.display_name}`}
          pressed={isShown}
          small
          className="bg-transparent! text-ink-3!"
          onClick={event => onToggle(run.id, event.altKey)}
        >
          <EyeIcon className={cx('size-3.5!', !isShown && 'opacity-50')} aria-hidden />
        </IconButton>
        <ColorPicker
          run={run}
          open={mode === 'color' && edits !== null}
          onOpenChange={open => setMode(open ? 'color' : 'read')}
          onPick={color => edits?.patch(run, { color })}
        >
          <button
            type="button"
            aria-label={`Colour of ${run.display_name}`}
            disabled={edits === null}
            className="flex size-6 shrink-0 items-center justify-center rounded-sm"
          >
            <span
              className="size-2.5 rounded-full"
              style={isShown ? { background: color } : { boxShadow: `inset 0 0 0 1.5px ${color}` }}
            />
          </button>
        </ColorPicker>
        {mode === 'rename' && edits ? (
          <RenameInput run={run} edits={edits} onDone={() => setMode('read')} />
        ) : (
          <Link
            href={paths.run(projectRef.entity, projectRef.project, run.id)}
            title={run.display_name}
            className="min-w-8 flex-1 truncate hover:underline"
            onDoubleClick={() => edits && setMode('rename')}
          >
            {run.display_name}
          </Link>
        )}
        {run.tags.length > 0 && (
          <span
            className="max-w-[30%] shrink truncate text-11 text-ink-3"
            title={run.tags.join(', ')}
          >
            {run.tags.join(', ')}
          </span>
        )}
        {mode === 'tags' && edits && (
          <TagEditor
            tags={run.tags}
            known={knownTags()}
            onClose={() => setMode('read')}
            onSave={tags => edits.patch(run, { tags })}
          />
        )}
        <span className="flex w-4 shrink-0 justify-center">
          <StateMark state={run.state} />
        </span>
        <Menu entries={entries}>
          <IconButton
            label={`Menu of ${run.display_name}`}
            small
            className="opacity-0 group-hover/run:opacity-100 focus-visible:opacity-100 data-[state=open]:opacity-100 max-sm:opacity-100"
          >
            <MoreVertical aria-hidden />
          </IconButton>
        </Menu>
      </div>
    </ContextMenu>
  );
});

function RenameInput({ run, edits, onDone }: { run: Run; edits: RunEdits; onDone: () => void }) {
  const [name, setName] = useState(run.display_name);
  const save = () => {
    const trimmed = name.trim();
    if (trimmed && trimmed !== run.display_name) edits.patch(run, { display_name: trimmed });
    onDone();
  };
  return (
    <input
      aria-label="Name of the run"
      value={name}
      autoFocus
      onFocus={event => event.target.select()}
      onChange={event => setName(event.target.value)}
      onBlur={save}
      onKeyDown={event => {
        event.stopPropagation();
        if (event.key === 'Enter') save();
        if (event.key === 'Escape') onDone();
      }}
      className="h-6 min-w-0 flex-1 rounded-sm border border-accent bg-bg px-1 text-ink outline-none"
    />
  );
}
