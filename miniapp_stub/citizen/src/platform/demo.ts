// The demonstration's people. The server names them in demonstration mode and to this machine only; elsewhere there are none.
import { ask } from "./http";
import type { Codes } from "./login";

export interface DemoPerson {
  platform: "wechat" | "alipay";
  phone: string;
  openid: string;
  name?: string;
  id_number?: string;
}

export async function demoPeople(): Promise<DemoPerson[]> {
  const found = await ask<{ citizens: DemoPerson[] }>("/demo/accounts", { anonymous: true, outside: true });
  return found.citizens;
}

/** What this person's WeChat or Alipay would hand over on a tap. */
export async function demoCodes(person: DemoPerson): Promise<Codes> {
  const { platform, login_code, phone_code } = await ask<Codes>("/demo/one-tap-codes", { method: "POST", body: { phone: person.phone }, anonymous: true });
  return { platform, login_code, phone_code };
}

export const maskedPhone = (phone: string): string => phone.replace(/^(\d{3})\d{4}/, "$1****");

/** Where the demonstration shows the text messages that nobody got; empty elsewhere. */
export async function demoInbox(): Promise<string> {
  const found = await ask<{ sandbox: string }>("/demo/accounts", { anonymous: true, outside: true }).catch(() => undefined);
  return found ? `${found.sandbox}/_sandbox/inbox` : "";
}
