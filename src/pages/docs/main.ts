/** What the page of the REST endpoints does beyond being read: it copies operations, and finds routes. */

document.addEventListener('click', ({ target }) => {
  const button = target instanceof Element ? target.closest<HTMLButtonElement>('[data-copy]') : null;
  const text = button?.closest('.graphql')?.querySelector(`[data-part="${button.dataset.copy}"]`)?.textContent;
  if (button && text != null) void copy(button, text);
});

async function copy(button: HTMLButtonElement, text: string): Promise<void> {
  const name = button.textContent;
  button.disabled = true;
  try {
    await navigator.clipboard.writeText(text);
    button.textContent = 'Copied';
  } catch {
    button.textContent = 'Select it to copy';
  }
  setTimeout(() => {
    button.textContent = name;
    button.disabled = false;
  }, 1_500);
}

const filter = document.querySelector<HTMLInputElement>('#filter');
const routes = [...document.querySelectorAll<HTMLElement>('.operation')];

filter?.addEventListener('input', () => {
  const wanted = filter.value.trim().toLowerCase();
  for (const route of routes) {
    const text = `${route.querySelector('h4')?.textContent} ${route.querySelector('.graphql h5')?.textContent}`;
    route.hidden = !text.toLowerCase().includes(wanted);
    const link = document.querySelector<HTMLElement>(`.contents a[href="#${route.id}"]`)?.parentElement;
    if (link) link.hidden = route.hidden;
  }
  for (const part of document.querySelectorAll<HTMLElement>('.chapter, .vendor')) {
    part.hidden = !part.querySelector('.operation:not([hidden])');
  }
});
