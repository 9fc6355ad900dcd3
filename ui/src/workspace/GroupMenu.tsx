import { Layers, X } from 'lucide-react';
import type { Run } from '~/api/schema';
import { BANDS, LINES } from '~/panels/line/groups';
import type { PanelGroup } from '~/panels/panel';
import { useHoveredRun } from '~/stores/hovered-run';
import { Menu, type MenuEntry } from '~/ui/Menu';
import { formatInteger, plural } from '~/util/format';
import { groupChoices, isConfig, labelOf, type GroupChoice } from './grouping';
import { ADD_CHIP, CHIP } from './RunFilters';
import { usePageSearch } from './use-search';

/** Chooses what runs are grouped by, and how groups are drawn. */
export function GroupMenu({ runs }: { runs: Run[] }) {
  const [{ group = [], gline = 'mean', gband = 'minmax' }, change] = usePageSearch();
  const set = (next: string[]) => change({ group: next.length > 0 ? next : undefined });
  const choice = ({ key, label, count }: GroupChoice): MenuEntry => ({
    kind: 'check',
    label,
    hint: plural(count, 'group'),
    checked: group.includes(key),
    onSelect: () =>
      set(group.includes(key) ? group.filter(other => other !== key) : [...group, key]),
  });
  const entries = (): MenuEntry[] => {
    const choices = groupChoices(runs);
    const config = choices.filter(({ key }) => isConfig(key));
    const look: MenuEntry[] = [
      { kind: 'heading', label: 'Line of a group' },
      ...LINES.map(({ value, label }): MenuEntry => ({
        kind: 'check',
        label,
        checked: gline === value,
        onSelect: () => change({ gline: value === 'mean' ? undefined : value }),
      })),
      { kind: 'heading', label: 'Band of a group' },
      ...BANDS.map(({ value, label }): MenuEntry => ({
        kind: 'check',
        label,
        checked: gband === value,
        onSelect: () => change({ gband: value === 'minmax' ? undefined : value }),
      })),
      { kind: 'line' },
    ];
    return [
      ...(group.length > 0 ? look : []),
      { kind: 'heading', label: choices.length > 0 ? 'Group by' : 'The runs differ in nothing' },
      ...choices.filter(({ key }) => !isConfig(key)).map(choice),
      ...(config.length > 0 ? [{ kind: 'heading', label: 'Config' } as const] : []),
      ...config.map(choice),
    ];
  };
  return (
    <>
      {group.map(key => (
        <button
          key={key}
          type="button"
          aria-label={`Group no more by ${labelOf(key)}`}
          className={CHIP}
          onClick={() => set(group.filter(other => other !== key))}
        >
          <Layers className="size-3 shrink-0 text-ink-3" aria-hidden />
          <span className="truncate">{labelOf(key)}</span>
          <X className="size-3 shrink-0 text-ink-3" aria-hidden />
        </button>
      ))}
      <Menu entries={entries} align="start">
        <button type="button" className={ADD_CHIP}>
          <Layers className="size-3" aria-hidden />
          Group
        </button>
      </Menu>
    </>
  );
}

/** The groups with their colours: what the curves are. */
export function GroupList({ groups }: { groups: PanelGroup[] }) {
  return (
    <ul
      aria-label="Groups"
      className="max-h-48 shrink-0 overflow-y-auto border-b border-line py-1"
      // A list that scrolls is reached by the keyboard, too.
      // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex
      tabIndex={0}
    >
      {groups.map(group => (
        <li
          key={group.id}
          className="flex h-6 items-center gap-2 px-3 text-12 hover:bg-hover"
          onPointerEnter={() => useHoveredRun.setState({ runId: group.id })}
          onPointerLeave={() => useHoveredRun.setState({ runId: null })}
        >
          <span className="h-0.5 w-4 shrink-0" style={{ background: group.color }} />
          <span className="min-w-0 flex-1 truncate" title={group.name}>
            {group.name}
          </span>
          <span className="tabular text-ink-3" title={plural(group.runs.length, 'run')}>
            {formatInteger(group.runs.length)}
          </span>
        </li>
      ))}
    </ul>
  );
}
