import { create } from 'zustand';
import { persist } from 'zustand/middleware';

export type Theme = 'system' | 'light' | 'dark';

/** What one person likes on one machine; nothing a colleague needs to see the same page. */
interface Preferences {
  theme: Theme;
  listWidth: number;
  chartColumns: number;
  /** Sections a person has opened or closed, by `entity/project:section`. */
  sectionsOpen: Record<string, boolean>;
}

export const usePreferences = create<Preferences>()(
  persist<Preferences>(
    () => ({ theme: 'system', listWidth: 280, chartColumns: 0, sectionsOpen: {} }),
    {
      name: 'ballast.preferences',
    },
  ),
);

export function setSectionOpen(id: string, open: boolean): void {
  usePreferences.setState(state => ({ sectionsOpen: { ...state.sectionsOpen, [id]: open } }));
}

const systemDark = window.matchMedia('(prefers-color-scheme: dark)');

function applyTheme(): void {
  const { theme } = usePreferences.getState();
  const dark = theme === 'dark' || (theme === 'system' && systemDark.matches);
  document.documentElement.dataset.theme = dark ? 'dark' : 'light';
  try {
    localStorage.setItem('ballast.theme', theme);
  } catch {
    // storage may be switched off: the theme then lasts as long as the page
  }
}

/** Applies the theme now and whenever the choice or the system changes. */
export function followTheme(): void {
  applyTheme();
  usePreferences.subscribe(applyTheme);
  systemDark.addEventListener('change', applyTheme);
}

export function setTheme(theme: Theme): void {
  usePreferences.setState({ theme });
}
