import { useEffect, useState } from 'react';

/** Colours of the theme as canvases need them: resolved. */
export interface ChartTheme {
  name: string;
  text: string;
  line: string;
  background: string;
  resolve: (color: string) => string;
}

export function readTheme(): ChartTheme {
  const style = getComputedStyle(document.documentElement);
  const value = (name: string): string => style.getPropertyValue(name).trim();
  return {
    name: document.documentElement.dataset.theme ?? 'light',
    text: value('--text-3'),
    line: value('--line'),
    background: value('--bg'),
    resolve: color => {
      const variable = /^var\((--[\w-]+)\)$/.exec(color);
      return variable ? value(variable[1]) : color;
    },
  };
}

/** The theme's colours, read anew when it changes. */
export function useChartTheme(): ChartTheme {
  const [theme, setTheme] = useState(readTheme);
  useEffect(() => {
    const observer = new MutationObserver(() => setTheme(readTheme()));
    observer.observe(document.documentElement, { attributeFilter: ['data-theme'] });
    return () => observer.disconnect();
  }, []);
  return theme;
}
