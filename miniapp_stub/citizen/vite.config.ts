import { defineConfig, type Plugin } from "vite";
import uniModule from "@dcloudio/vite-plugin-uni";

type UniPlugin = () => Plugin[];
const uni = ((uniModule as unknown as { default?: UniPlugin }).default ?? uniModule) as unknown as UniPlugin;
const h5 = process.env.UNI_PLATFORM === "h5";

export default defineConfig({
  plugins: [uni()],
  build: {
    sourcemap: false,
    // One file on H5: a page never visited before must still open while offline.
    rollupOptions: h5 ? { output: { inlineDynamicImports: true } } : {},
  },
});
