/// <reference types="@dcloudio/types" />
declare module "*.vue" {
  import type { DefineComponent } from "vue";
  const component: DefineComponent<object, object, unknown>;
  export default component;
}
declare module "*.json" {
  const value: Record<string, string>;
  export default value;
}
declare const wx: {
  requestPayment(options: object & { fail: (failure: { errMsg: string }) => void }): void;
  shareFileMessage(options: { filePath: string; fileName: string }): Promise<unknown>;
};
declare const my: {
  tradePay(options: { tradeNO: string; success: (said: { resultCode: string }) => void; fail: () => void }): void;
  getAuthCode(options: { scopes: string; success: (said: { authCode: string }) => void; fail: () => void }): void;
  getPhoneNumber(options: { success: (said: { response: string }) => void; fail: () => void }): void;
};
interface ImportMeta {
  readonly env: Record<string, string | undefined>;
}
