import { useSuspenseQuery } from '@tanstack/react-query';
import { queries } from '~/api/queries';
import { setTheme, usePreferences, type Theme } from '~/stores/preferences';
import { ApiKeySettings } from './settings/ApiKeySettings';
import { PasswordSettings } from './settings/PasswordSettings';
import { UserSettings } from './settings/UserSettings';
import { PageHead } from './PageHead';
import { Section } from './Section';

export function SettingsPage() {
  const { data: me } = useSuspenseQuery(queries.me());
  return (
    <>
      <PageHead title="Settings" />
      <div className="mx-auto flex max-w-3xl flex-col gap-8 p-4 sm:py-8">
        <Section
          title="API keys"
          note="A key lets a script log and read as you. Each is shown once, when it is made."
        >
          <ApiKeySettings />
        </Section>
        <Section
          title="Password"
          note={me.has_password ? undefined : 'You have none yet and sign in by link.'}
        >
          <PasswordSettings hasPassword={me.has_password} username={me.username} />
        </Section>
        <Section title="Theme">
          <ThemeSettings />
        </Section>
        {me.admin && (
          <Section
            title="Users"
            note="Every user is an entity of their own, and sees their own projects and those of their teams."
          >
            <UserSettings self={me.username} />
          </Section>
        )}
      </div>
    </>
  );
}

const THEMES: [Theme, string][] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
];

function ThemeSettings() {
  const theme = usePreferences(state => state.theme);
  return (
    <fieldset className="flex gap-4">
      <legend className="sr-only">Theme</legend>
      {THEMES.map(([value, label]) => (
        <label key={value} className="flex min-h-6 cursor-pointer items-center gap-1.5">
          <input
            type="radio"
            name="theme"
            className="accent-accent"
            checked={theme === value}
            onChange={() => setTheme(value)}
          />
          {label}
        </label>
      ))}
    </fieldset>
  );
}
