import { useEffect, useRef, useState } from 'react';
import { Keys } from './Caps.js';
import { type Command } from './keys.js';
import styles from './Tips.module.css';

interface Tip {
  of: Element;
  text: string;
  keys: Command | undefined;
}

const waitMs = 400;
const margin = 6;

/**
 * Says what a mark means: the words of `data-tip`, with the keys of the command in `data-keys`. One for the whole page, because a list
 * shows hundreds of marks, and a tooltip of its own for each costs more than the row.
 */
export function Tips() {
  const [tip, setTip] = useState<Tip | null>(null);
  const box = useRef<HTMLDivElement>(null);

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = () => {
      clearTimeout(timer);
      setTip(null);
    };
    const tell = (target: EventTarget | null) => {
      const of = target instanceof Element ? target.closest('[data-tip]') : null;
      hide();
      const text = of?.getAttribute('data-tip');
      if (!of || !text) return;
      const keys = (of.getAttribute('data-keys') as Command | null) ?? undefined;
      timer = setTimeout(() => setTip({ of, text, keys }), waitMs);
    };
    const over = (event: PointerEvent) => event.pointerType === 'mouse' && tell(event.target);
    const focus = (event: FocusEvent) =>
      event.target instanceof Element && event.target.matches(':focus-visible') && tell(event.target);
    const handlers = {
      pointerover: over,
      focusin: focus,
      focusout: hide,
      pointerdown: hide,
      keydown: hide,
      wheel: hide,
    };
    for (const [name, handler] of Object.entries(handlers))
      document.addEventListener(name, handler as EventListener, { capture: true, passive: true });
    return () => {
      clearTimeout(timer);
      for (const [name, handler] of Object.entries(handlers))
        document.removeEventListener(name, handler as EventListener, { capture: true });
    };
  }, []);

  // Under what it tells of, or above it where there is no room; inside the window either way.
  useEffect(() => {
    const own = box.current;
    if (!tip || !own) return;
    if (!tip.of.isConnected) return own.hidePopover();
    own.showPopover();
    const at = tip.of.getBoundingClientRect();
    const left = at.left + at.width / 2 - own.offsetWidth / 2;
    const below = at.bottom + margin + own.offsetHeight <= innerHeight;
    own.style.left = `${Math.max(margin, Math.min(left, innerWidth - own.offsetWidth - margin))}px`;
    own.style.top = `${below ? at.bottom + margin : at.top - margin - own.offsetHeight}px`;
  }, [tip]);

  if (!tip) return null;
  return (
    // A popover stands above every dialog. Who hears the page has the names of the marks.
    <div ref={box} className={styles.tip} popover="manual" aria-hidden>
      {tip.text}
      {tip.keys && <Keys of={tip.keys} />}
    </div>
  );
}
