import { defineConfig, type Plugin } from "vite";
import uniModule from "@dcloudio/vite-plugin-uni";

type UniPlugin = () => Plugin[];
const uni = ((uniModule as unknown as { default?: UniPlugin }).default ?? uniModule) as unknown as UniPlugin;
const h5 = process.env.UNI_PLATFORM === "h5";

/** Parts of the framework's runtime that this app does not use; the first view counts its bytes. */
const unused = ["WXS", "RPX", "LONGPRESS", "I18N_ES", "I18N_FR", "I18N_ZH_HANT"];
const leaveOut: Plugin = {
  name: "leave-out-unused",
  enforce: "post",
  config: () => ({ define: Object.fromEntries(unused.map((one) => [`__UNI_FEATURE_${one}__`, "false"])) }),
};

export default defineConfig({
  plugins: [uni(), ...(h5 ? [leaveOut] : [])],
  build: {
    sourcemap: false,
    // One file on H5: a page never visited before must still open while offline.
    rollupOptions: h5 ? { output: { inlineDynamicImports: true } } : {},
  },
});
