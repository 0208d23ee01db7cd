// Loads a built mini-program package in Node under a stubbed platform and checks that every page registers itself.
// Usage: node mp_smoke.cjs weixin|alipay DIST_FOLDER
// It finds what only works in a browser: a missing file, DOM calls while loading, HTML tags in a template, an oversized package.
"use strict";
const fs = require("fs");
const path = require("path");
const vm = require("vm");

const [, , platform, folder] = process.argv;
const root = path.resolve(folder || ".");
const TEMPLATE = platform === "alipay" ? ".axml" : ".wxml";
const LARGEST_BYTES = 1024 * 1024;
const HTML_TAGS = ["div", "span", "p", "a", "ul", "li", "img", "h1", "h2", "h3", "br", "component"];
const faults = [];

/** The platform's object: uni copies its keys, so it must be plain, with every method listed. */
function stub() {
  const methods = [
    "request", "uploadFile", "downloadFile", "connectSocket", "onSocketOpen", "onSocketClose", "onSocketMessage", "onSocketError", "setStorage", "getStorage",
    "setStorageSync", "removeStorageSync", "navigateTo", "redirectTo", "switchTab", "reLaunch", "navigateBack", "hideTabBar", "showToast", "chooseImage", "compressImage",
    "previewImage", "setClipboardData", "makePhoneCall", "openDocument", "pageScrollTo", "login", "getAuthCode", "getPhoneNumber", "requestPayment", "tradePay",
    "getNetworkType", "onNetworkStatusChange", "createSelectorQuery", "createIntersectionObserver", "onAppShow", "onAppHide", "onThemeChange", "setNavigationBarTitle",
    "nextTick", "getLaunchOptionsSync", "getEnterOptionsSync", "getUpdateManager", "onMemoryWarning", "onError", "onUnhandledRejection", "onPageNotFound",
  ];
  const device = {
    platform: "devtools", language: "zh-CN", statusBarHeight: 20, windowWidth: 375, windowHeight: 667, screenWidth: 375, screenHeight: 667, pixelRatio: 2, SDKVersion: "3.5.0",
    brand: "", model: "", system: "", version: "", fontSizeSetting: 16, safeArea: { top: 20, bottom: 667, left: 0, right: 375, width: 375, height: 647 }, deviceOrientation: "portrait",
  };
  const given = Object.fromEntries(methods.map((name) => [name, () => ({})]));
  const ask = () => ({ ...device });
  return {
    ...given,
    getSystemInfoSync: ask, getSystemInfo: ({ success }) => success && success(ask()), getWindowInfo: ask, getDeviceInfo: ask, getAppBaseInfo: ask, getSystemSetting: ask, getAppAuthorizeSetting: ask,
    getStorageSync: () => (platform === "alipay" ? { data: null } : ""),
    getMenuButtonBoundingClientRect: () => ({ top: 24, bottom: 56, left: 281, right: 368, width: 87, height: 32 }),
    getAccountInfoSync: () => ({ miniProgram: { appId: "", envVersion: "develop", version: "" } }),
    canIUse: () => true,
    env: { USER_DATA_PATH: "" },
  };
}

const counted = { App: 0, Page: [], Component: [] };
let loading = "";
const api = stub();
const context = vm.createContext({
  console, setTimeout, clearTimeout, setInterval, clearInterval, Promise, URL, TextEncoder, TextDecoder, queueMicrotask,
  [platform === "alipay" ? "my" : "wx"]: api,
  App: () => (counted.App += 1),
  Page: () => counted.Page.push(loading),
  Component: () => counted.Component.push(loading),
  Behavior: (options) => options,
  getApp: () => ({ $vm: {}, globalData: {} }),
  getCurrentPages: () => [],
});
context.globalThis = context;
context.global = context;

const loaded = new Map();
function load(file) {
  const full = fs.existsSync(file) ? file : `${file}.js`;
  if (loaded.has(full)) return loaded.get(full).exports;
  const module = { exports: {} };
  loaded.set(full, module);
  const code = fs.readFileSync(full, "utf8");
  const run = vm.runInContext(`(function(require,module,exports){${code}\n})`, context, { filename: full });
  run((name) => load(path.resolve(path.dirname(full), name)), module, module.exports);
  return module.exports;
}
function check(what, attempt) {
  loading = what;
  try {
    attempt();
  } catch (error) {
    faults.push(`${what}: ${error && error.message}`);
  }
}
function walk(at) {
  return fs.readdirSync(at, { withFileTypes: true }).flatMap((one) => (one.isDirectory() ? walk(path.join(at, one.name)) : [path.join(at, one.name)]));
}

const app = JSON.parse(fs.readFileSync(path.join(root, "app.json"), "utf8"));
const packages = app.subPackages || app.subpackages || [];
const pages = [...app.pages, ...packages.flatMap((one) => one.pages.map((page) => `${one.root}/${page}`))];

check("app", () => load(path.join(root, "app.js")));
if (counted.App !== 1) faults.push(`app.js registered the app ${counted.App} times, not once`);
for (const page of pages) {
  const before = counted.Page.length + counted.Component.length;
  check(page, () => load(path.join(root, page)));
  if (counted.Page.length + counted.Component.length === before) faults.push(`${page} did not register itself`);
  if (!fs.existsSync(path.join(root, page + TEMPLATE))) faults.push(`${page} has no template`);
}
for (const file of walk(root).filter((one) => one.endsWith(".json"))) {
  const used = JSON.parse(fs.readFileSync(file, "utf8")).usingComponents || {};
  for (const [name, where] of Object.entries(used)) {
    const base = where.startsWith("/") ? path.join(root, where) : path.resolve(path.dirname(file), where);
    if (!fs.existsSync(`${base}.js`)) faults.push(`${path.relative(root, file)} uses ${name}, which is not in the package`);
  }
}
for (const file of walk(root).filter((one) => one.endsWith(TEMPLATE))) {
  const text = fs.readFileSync(file, "utf8");
  for (const tag of HTML_TAGS) if (new RegExp(`<${tag}[\\s>/]`).test(text)) faults.push(`${path.relative(root, file)} holds <${tag}>, which is not a mini-program tag`);
}
for (const file of walk(root).filter((one) => one.endsWith(".js") && !one.includes("vendor"))) {
  const found = fs.readFileSync(file, "utf8").match(/\b(document|window)\.(querySelector|getElementById|createElement|addEventListener|location)\b/);
  if (found) faults.push(`${path.relative(root, file)} calls ${found[0]}, which exists only in a browser`);
}
const bytes = walk(root).filter((one) => !path.basename(one).startsWith(".")).reduce((sum, one) => sum + fs.statSync(one).size, 0);
if (bytes >= LARGEST_BYTES) faults.push(`the package has ${bytes} bytes; ours should stay below ${LARGEST_BYTES}`);

for (const fault of faults) console.error(fault);
console.log(`${platform}: ${pages.length} pages, ${counted.Component.length + counted.Page.length} registrations, ${bytes} bytes, ${faults.length} faults`);
process.exit(faults.length ? 1 : 0);
