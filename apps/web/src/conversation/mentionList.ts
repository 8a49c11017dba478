import { type SuggestionOptions } from '@tiptap/suggestion';
import { type User } from '@sportello/api-client';
import styles from './Editor.module.css';

/** The list under "@": plain elements, because the editor places and removes them itself. */
export function mentionSuggestion(users: () => User[], label: string): Omit<SuggestionOptions<User>, 'editor'> {
  return {
    items: ({ query }) =>
      users()
        .filter(({ name, email }) => `${name} ${email}`.toLowerCase().includes(query.toLowerCase()))
        .slice(0, 8),
    render: () => {
      const box = document.createElement('div');
      box.className = styles.mentions as string;
      box.setAttribute('role', 'listbox');
      box.setAttribute('aria-label', label);
      let unmount: (() => void) | undefined;
      let chosen = 0;
      let found: User[] = [];
      let take: (user: User) => void = () => undefined;

      const draw = () => {
        box.hidden = found.length === 0;
        box.replaceChildren(
          ...found.map((user, index) => {
            const option = document.createElement('div');
            option.setAttribute('role', 'option');
            option.setAttribute('aria-selected', String(index === chosen));
            option.textContent = user.name;
            option.onpointerdown = (event) => {
              event.preventDefault();
              take(user);
            };
            return option;
          }),
        );
      };
      const pick = (command: (attributes: never) => void) => (user: User) =>
        command({ id: user.id, label: user.name } as never);

      return {
        onStart: ({ items, command, mount }) => {
          [found, chosen, take] = [items, 0, pick(command)];
          draw();
          unmount = mount(box);
        },
        onUpdate: ({ items, command }) => {
          [found, chosen, take] = [items, 0, pick(command)];
          draw();
        },
        onKeyDown: ({ event }) => {
          if (!found.length) return false;
          if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
            chosen = (chosen + (event.key === 'ArrowDown' ? 1 : -1) + found.length) % found.length;
            draw();
            return true;
          }
          if (event.key === 'Enter' || event.key === 'Tab') {
            take(found[chosen] as User);
            return true;
          }
          return false;
        },
        onExit: () => unmount?.(),
      };
    },
  };
}
