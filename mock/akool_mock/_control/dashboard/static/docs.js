// The API reference: Swagger UI over the contract, with this server as its only one.

import { themeSwitch } from './dom.js';

const root = document.documentElement;
const theme = () => {
  const dark = root.dataset.theme ? root.dataset.theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.classList.toggle('dark-mode', dark);
};

theme();
themeSwitch();
root.addEventListener('themechange', theme);
matchMedia('(prefers-color-scheme: dark)').addEventListener('change', theme);

globalThis.SwaggerUIBundle({
  url: '/_mock/contract.json',
  dom_id: '#reference',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null, // it would send the contract to a server of Swagger's
});
