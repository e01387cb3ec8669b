import './app.css';
import { mount } from 'svelte';
import App from './App.svelte';
import { ui } from './ui.svelte';

document.documentElement.lang = ui.language;
document.documentElement.dataset['theme'] = ui.theme;
mount(App, { target: document.getElementById('app')! });
