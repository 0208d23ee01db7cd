import { createSSRApp } from "vue";
import App from "./App.vue";
import "../../tokens/tokens.css";
import "./kit/kit.css";

export function createApp() {
  return { app: createSSRApp(App) };
}
