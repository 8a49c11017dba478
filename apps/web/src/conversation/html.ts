import DOMPurify from 'dompurify';

/** Only what we serve ourselves is loaded without a click. */
const ours = (src: string) => src.startsWith('/api/v1/files/') || src.startsWith('data:image/');

const purifier = DOMPurify(window);
purifier.addHook('afterSanitizeAttributes', (node) => {
  if (node.tagName === 'A') {
    node.setAttribute('target', '_blank');
    node.setAttribute('rel', 'noopener noreferrer nofollow');
  }
  if (node.tagName === 'IMG') {
    node.setAttribute('loading', 'lazy');
    node.setAttribute('referrerpolicy', 'no-referrer');
    if (!node.hasAttribute('alt')) node.setAttribute('alt', '');
    if (!ours(node.getAttribute('src') ?? '')) node.removeAttribute('src');
  }
});

/**
 * Cleans a message once more before it is shown: the server has done so, and a second lock costs a millisecond.
 * @param remote whether images from elsewhere may load now
 */
export function cleanHtml(html: string, remote: boolean): string {
  const fragment = purifier.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    FORBID_TAGS: ['style', 'form', 'input', 'button', 'textarea', 'select', 'iframe', 'video', 'audio', 'svg', 'math'],
    FORBID_ATTR: ['id', 'srcset', 'background', 'tabindex', 'autofocus'],
    ADD_ATTR: ['target', 'data-remote-src', 'data-type', 'data-id'],
  });
  if (remote) {
    for (const image of fragment.querySelectorAll<HTMLImageElement>('img[data-remote-src]')) {
      const source = image.getAttribute('data-remote-src') ?? '';
      if (/^https?:\/\//i.test(source)) image.setAttribute('src', source);
    }
  }
  // Links to the workspace's own pages stay in this tab.
  for (const link of fragment.querySelectorAll<HTMLAnchorElement>('a[href^="/"]')) link.removeAttribute('target');
  const box = document.createElement('div');
  box.append(fragment);
  return box.innerHTML;
}
