import { inBrowser } from 'vitepress';
// Fonts of the system: nothing more to load.
import DefaultTheme from 'vitepress/theme-without-fonts';
import { onMounted } from 'vue';

let reportHydrated;
const hydrated = new Promise((resolve) => {
  reportHydrated = resolve;
});

/**
 * VitePress's router follows links before the first page is hydrated. It would then hydrate the markup of the first
 * page as the second page, which fails. So the second page waits until the first one is hydrated.
 */
function navigateAfterHydration(router) {
  let first;
  const wait = async (href) => {
    // The first page must not wait for itself, nor must its retry after a failed download.
    first ??= href;
    if (href !== first) await hydrated;
  };
  router.onBeforeRouteChange = wait;
  // "Back" and "forward" load a page without a change of the route.
  router.onBeforePageLoad = wait;
}

export default {
  extends: DefaultTheme,
  enhanceApp({ router }) {
    if (inBrowser) navigateAfterHydration(router);
  },
  setup() {
    onMounted(reportHydrated);
  },
};
