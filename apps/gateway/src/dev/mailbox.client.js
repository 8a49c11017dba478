/* global document, location -- runs in the browser */
// Looks for new mail every second, and shows it where nobody is writing. Without scripts the page works as well.
const { as, newest, open } = document.body.dataset;
const person = document.querySelector('#as');
const writing = document.querySelector('form.letter');

document.querySelector('.who button')?.remove();
person?.addEventListener('change', () => person.form.submit());
writing?.querySelector('#subject[value=""], #text')?.focus();
if (writing) writing.querySelector('#text').setSelectionRange(0, 0);

async function look() {
  try {
    const response = await fetch(`/dev/mailbox/newest?as=${encodeURIComponent(as)}`);
    const found = await response.json();
    // Whoever reads the newest mail goes on to the one after it; an older one stays open beside the longer list.
    const next = new URLSearchParams({ as, ...(open !== newest && { mail: open }) });
    if (found.newest !== newest && !writing) return location.assign(`/dev/mailbox?${next}`);
    if (found.newest !== newest) document.querySelector('.notice').textContent = 'A new mail has come.';
  } catch {
    // The gateway restarts: the next look will tell.
  }
  setTimeout(look, 1000);
}
setTimeout(look, 1000);
