import { fileURLToPath } from 'node:url'

import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vite'

const page = (name) => fileURLToPath(new URL(name, import.meta.url))

// One absolute base for both pages: the server answers /console/ with console.html and /preview/ with preview.html,
// and both find their scripts and styles below /console/assets/.
export default defineConfig({
  base: '/console/',
  plugins: [vue()],
  define: { __VUE_OPTIONS_API__: 'true', __VUE_PROD_DEVTOOLS__: 'false' },
  build: {
    target: 'es2022',
    // A data: stylesheet or script would break the content security policy; images may be inlined.
    assetsInlineLimit: 2048,
    modulePreload: { polyfill: false },
    rolldownOptions: { input: { console: page('./console.html'), preview: page('./preview.html') } },
  },
  server: { proxy: { '/api': { target: process.env.HANDHELD_DEV_SERVER ?? 'http://127.0.0.1:8080', ws: true } } },
})
