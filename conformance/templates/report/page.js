(function () {
  'use strict';
  const all = (selector, within) => Array.from((within || document).querySelectorAll(selector));
  const filter = document.querySelector('.filter');
  const cases = all('details.case');
  const texts = new Map(cases.map((one) => [one, one.textContent.toLowerCase()]));

  function choose() {
    const words = filter.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    const off = all('input[type=checkbox]', filter).filter((box) => !box.checked);
    for (const one of cases) {
      const chosen = !off.some((box) => one.dataset[box.name] === box.value);
      one.hidden = !(chosen && words.every((word) => texts.get(one).includes(word)));
    }
    for (const section of all('section.group')) {
      section.hidden = all('details.case', section).every((one) => one.hidden);
    }
    const shown = cases.filter((one) => !one.hidden).length;
    document.querySelector('.shown').textContent = shown + ' of ' + cases.length + ' cases';
  }

  function openTarget() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || !target.classList.contains('case')) return;
    target.closest('section').hidden = false;
    target.hidden = false;
    target.open = true;
    target.scrollIntoView();
  }

  function offerCopies() {
    if (!navigator.clipboard) return;
    for (const line of all('pre.curl')) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = 'Copy';
      button.addEventListener('click', async () => {
        await navigator.clipboard.writeText(line.textContent);
        button.textContent = 'Copied';
      });
      line.before(button);
    }
  }

  filter.hidden = false;
  filter.addEventListener('input', choose);
  filter.addEventListener('submit', (event) => event.preventDefault());
  document.querySelector('.fold').addEventListener('click', () => {
    const shown = cases.filter((one) => !one.hidden);
    const open = shown.some((one) => !one.open);
    shown.forEach((one) => { one.open = open; });
  });
  window.addEventListener('hashchange', openTarget);
  offerCopies();
  choose();
  openTarget();
})();
