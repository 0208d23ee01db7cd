import { createSSRApp } from "vue";
import App from "./App.vue";
import "../../tokens/tokens.css";
import "./kit/kit.css";
import "./kit/parts.css";

export function createApp() {
  return { app: createSSRApp(App) };
}
