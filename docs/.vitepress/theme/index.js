// Fonts of the system: nothing more to load.
export { default } from 'vitepress/theme-without-fonts';
