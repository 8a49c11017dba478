import { useEffect, useEffectEvent } from 'react';
import { press, type Command, type Pending } from './keys.js';
import { readPreferences } from './preferences.js';

/** Who answers a command now: the last part of the page that asked for it. */
const answering = new Map<Command, (() => void)[]>();

/** Answers a command for as long as the calling part is on the page. */
export function useCommand(command: Command, run: () => void, enabled = true): void {
  const latest = useEffectEvent(run);
  useEffect(() => {
    if (!enabled) return;
    const handler = () => latest();
    answering.set(command, [...(answering.get(command) ?? []), handler]);
    return () => {
      answering.set(
        command,
        (answering.get(command) ?? []).filter((each) => each !== handler),
      );
    };
  }, [command, enabled]);
}

/** Runs a command, as menus and the palette do. False: nobody answers it here. */
export function runCommand(command: Command): boolean {
  const handler = answering.get(command)?.at(-1);
  handler?.();
  return handler !== undefined;
}

const typingIn = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || target.matches('input:not([type=checkbox], [type=radio]), textarea, select'));

const isControl = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  target.closest('button, a, input, [role=menuitem], [role=option], [role=tab], summary') !== null;

/** Listens to the keyboard for the whole app. */
export function useKeyboard(): void {
  useEffect(() => {
    let pending: Pending | null = null;
    let overlay = false;
    // Asked before anybody acts on the key: Escape closes a menu, and must not close what is under it as well.
    const look = () => {
      overlay = [...document.querySelectorAll('[role=dialog], [role=menu], [role=listbox]')].some((each) =>
        each.checkVisibility(),
      );
    };
    const onKey = (event: KeyboardEvent) => {
      const walking = event.key === 'j' || event.key === 'k';
      if (event.defaultPrevented || event.isComposing || (event.repeat && !walking)) return;
      const result = press(
        {
          key: event.key,
          ctrl: event.ctrlKey,
          meta: event.metaKey,
          alt: event.altKey,
          typing: typingIn(event.target),
          onControl: isControl(event.target),
        },
        pending,
        event.timeStamp,
        readPreferences().keys,
      );
      pending = result.pending;
      if (!result.command) return;
      // An open menu or dialog has the keyboard to itself.
      if (overlay) return;
      if (runCommand(result.command)) event.preventDefault();
    };
    window.addEventListener('keydown', look, true);
    window.addEventListener('keydown', onKey);
    return () => {
      window.removeEventListener('keydown', look, true);
      window.removeEventListener('keydown', onKey);
    };
  }, []);
}
