/** A piece of a screen that scrolls by itself: a wide table, a long text. Keys reach it, and it has a name. */
import type { ComponentProps } from 'preact';

export function Scroller(props: ComponentProps<'section'>) {
  // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to be reached by keys
  return <section tabIndex={0} {...props} />;
}
