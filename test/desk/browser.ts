/** A real Chromium for tests, where there is one. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright';

const PLACES = ['/usr/bin/chromium-headless-shell', '/usr/bin/chromium', '/usr/bin/chromium-browser'];

/** Path of a Chromium: the one named by CHROMIUM, else Playwright's own, else the system's; null when none. */
export function chromiumPath(): string | null {
  const places = [process.env.CHROMIUM, chromium.executablePath(), ...PLACES];
  return places.find((place): place is string => place !== undefined && existsSync(place)) ?? null;
}

export async function openBrowser(): Promise<Browser | null> {
  const executablePath = chromiumPath();
  if (executablePath === null) return null;
  // As root there is no sandbox to be had; what is shown here is our own.
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ executablePath, args });
}
