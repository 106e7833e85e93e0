// A step that is done is struck out.
for (const step of document.querySelectorAll('ol.steps li'))
  step.addEventListener('click', () => step.classList.toggle('done'));
