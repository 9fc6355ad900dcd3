import { useSuspenseQuery } from '@tanstack/react-query';
import { Outlet, useNavigate, useRouterState } from '@tanstack/react-router';
import {
  FolderKanban,
  Keyboard,
  Monitor,
  Moon,
  Rocket,
  Search,
  Settings,
  Sun,
  Users,
} from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { api } from '~/api/client';
import { queries, queryClient } from '~/api/queries';
import { setTheme, usePreferences, type Theme } from '~/stores/preferences';
import { Link } from '~/ui/Link';
import { Menu } from '~/ui/Menu';
import { KeyHelp } from './KeyHelp';
import { QuickSearch } from './QuickSearch';
import { undoLast } from '~/stores/undo';
import { cx } from '~/util/class-names';
import { isTextField } from '~/util/keys';
import { paths } from '~/util/paths';

const THEMES: { theme: Theme; icon: typeof Sun }[] = [
  { theme: 'system', icon: Monitor },
  { theme: 'light', icon: Sun },
  { theme: 'dark', icon: Moon },
];

/** The rail at the left and the page beside it. */
export function Frame() {
  const [helpOpen, setHelpOpen] = useState(false);
  const [searchOpen, setSearchOpen] = useState(false);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const typing = isTextField(event.target);
      const command = event.metaKey || event.ctrlKey;
      if (command && !event.shiftKey && event.key.toLowerCase() === 'z') {
        if (!typing && undoLast()) event.preventDefault();
      } else if (command && event.key.toLowerCase() === 'k') {
        event.preventDefault();
        setSearchOpen(open => !open);
      } else if (event.key === '?' && !typing) setHelpOpen(true);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
  return (
    <div className="flex h-full flex-col sm:flex-row">
      <a
        href="#page"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-raised focus:p-2"
      >
        Skip to the page
      </a>
      <Rail onHelp={() => setHelpOpen(true)} onSearch={() => setSearchOpen(true)} />
      <main id="page" className="min-h-0 min-w-0 flex-1 overflow-auto">
        <Outlet />
      </main>
      <KeyHelp open={helpOpen} onOpenChange={setHelpOpen} />
      <QuickSearch open={searchOpen} onOpenChange={setSearchOpen} />
    </div>
  );
}

function Rail({ onHelp, onSearch }: { onHelp: () => void; onSearch: () => void }) {
  const pathname = useRouterState({ select: state => state.location.pathname });
  return (
    <nav
      aria-label="Main"
      className="flex shrink-0 items-center gap-1 border-line bg-surface px-1.5 max-sm:order-last max-sm:h-12 max-sm:justify-around max-sm:border-t sm:w-12 sm:flex-col sm:border-r sm:px-0 sm:py-2"
    >
      <Link
        href={paths.projects()}
        aria-label="Ballast"
        title="Ballast"
        className="mb-1 flex size-9 items-center justify-center rounded-md max-sm:hidden"
      >
        <svg viewBox="0 0 32 32" className="size-6" aria-hidden>
          <rect width="32" height="32" rx="7" fill="var(--accent)" />
          <path
            d="M7 9c3 0 4 13 9 13s6-9 9-9"
            fill="none"
            stroke="var(--on-accent)"
            strokeWidth="3"
            strokeLinecap="round"
          />
        </svg>
      </Link>
      <RailLink href={paths.projects()} label="Projects" current={pathname === '/'}>
        <FolderKanban aria-hidden />
      </RailLink>
      <RailLink
        href={paths.orgs()}
        label="Teams"
        current={pathname.startsWith('/orgs') || pathname.startsWith('/teams/')}
      >
        <Users aria-hidden />
      </RailLink>
      <RailLink href={paths.quickstart()} label="Quickstart" current={pathname === '/quickstart'}>
        <Rocket aria-hidden />
      </RailLink>
      <button
        type="button"
        aria-label="Search"
        title="Search (Ctrl K)"
        onClick={onSearch}
        className={RAIL_ITEM}
      >
        <Search aria-hidden />
      </button>
      <div className="flex-1 max-sm:hidden" />
      <button
        type="button"
        aria-label="Keys"
        title="Keys (?)"
        onClick={onHelp}
        className={cx(RAIL_ITEM, 'max-sm:hidden')}
      >
        <Keyboard aria-hidden />
      </button>
      <ThemeButton />
      <RailLink href={paths.settings()} label="Settings" current={pathname === '/settings'}>
        <Settings aria-hidden />
      </RailLink>
      <AccountMenu />
    </nav>
  );
}

const RAIL_ITEM =
  'flex size-9 items-center justify-center rounded-md text-ink-3 hover:bg-hover hover:text-ink [&_svg]:size-[18px]';

function RailLink({
  href,
  label,
  current,
  children,
}: {
  href: string;
  label: string;
  current: boolean;
  children: ReactNode;
}) {
  return (
    <Link
      href={href}
      aria-label={label}
      title={label}
      aria-current={current ? 'page' : undefined}
      className={cx(RAIL_ITEM, current && 'bg-accent-soft text-accent')}
    >
      {children}
    </Link>
  );
}

function ThemeButton() {
  const theme = usePreferences(state => state.theme);
  const place = THEMES.findIndex(entry => entry.theme === theme);
  const Icon = THEMES[place].icon;
  const next = THEMES[(place + 1) % THEMES.length].theme;
  const label = `Theme: ${theme}. Change to ${next}`;
  return (
    <button
      type="button"
      aria-label={label}
      title={label}
      onClick={() => setTheme(next)}
      className={RAIL_ITEM}
    >
      <Icon aria-hidden />
    </button>
  );
}

function AccountMenu() {
  const { data: me } = useSuspenseQuery(queries.me());
  const navigate = useNavigate();
  const signOut = async () => {
    await api.signOut().catch(() => undefined);
    queryClient.clear();
    await navigate({ to: '/sign-in', search: { token: undefined, next: undefined } });
  };
  return (
    <Menu
      align="start"
      entries={() => [
        { kind: 'heading', label: me.email ? `${me.username}, ${me.email}` : me.username },
        { label: 'Settings', onSelect: () => void navigate({ to: '/settings' }) },
        { label: 'Sign out', onSelect: () => void signOut() },
      ]}
    >
      <button
        type="button"
        aria-label={`Account of ${me.username}`}
        title={me.username}
        className="flex size-9 items-center justify-center rounded-md hover:bg-hover"
      >
        <span className="flex size-6 items-center justify-center rounded-full bg-accent-soft text-12 font-medium text-accent uppercase">
          {me.username.slice(0, 1)}
        </span>
      </button>
    </Menu>
  );
}
