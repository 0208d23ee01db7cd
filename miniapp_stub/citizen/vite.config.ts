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

const HOME = /\/pages\/home\.vue(\?.*)?$/;
interface Graph {
  getModuleIds(): IterableIterator<string>;
  getModuleInfo(id: string): { isEntry: boolean; importedIds: readonly string[] } | null;
}

/** The modules that the entry and the home page stand on. */
function firstView(graph: Graph): Set<string> {
  const found = new Set<string>();
  const open = [...graph.getModuleIds()].filter((id) => graph.getModuleInfo(id)?.isEntry || HOME.test(id));
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    if (found.has(id)) continue;
    found.add(id);
    open.push(...(graph.getModuleInfo(id)?.importedIds ?? []));
  }
  return found;
}

/**
 * Two files on H5: what the home page stands on, and every other page. The second is fetched as soon as the first view
 * is there (platform/ahead.ts), so that a page never visited before still opens while offline.
 */
let home: Set<string> | undefined;
const fileOf = (id: string, graph: Graph): string => ((home ??= firstView(graph)).has(id) ? "home" : "pages");

export default defineConfig({
  plugins: [uni(), ...(h5 ? [leaveOut] : [])],
  build: {
    sourcemap: false,
    rollupOptions: h5 ? { output: { manualChunks: fileOf } } : {},
  },
});
