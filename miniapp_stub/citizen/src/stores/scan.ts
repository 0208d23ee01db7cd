// A code on another device that this phone judges: let it in, link this phone to its account, or neither.
import { ask } from "@/platform/http";

export interface Scan {
  purpose: "sign_in" | "bind";
  state: string;
  device_label: string;
  address: string;
  same_address: boolean;
  asked_at: string;
  expires_in: number;
  account: string | null;
  proof: "id_number" | "phone" | null;
}

const place = (ticket: string, verb: string): string => `/auth/scans/${encodeURIComponent(ticket)}/${verb}`;

export const look = (ticket: string): Promise<Scan> => ask<Scan>(place(ticket, "scan"), { method: "POST" });

export const letIn = (ticket: string, lastFour?: string): Promise<Scan> =>
  ask<Scan>(place(ticket, "confirm"), { method: "POST", body: lastFour ? { last_four: lastFour } : {} });

export const keepOut = (ticket: string): Promise<void> => ask<void>(place(ticket, "refuse"), { method: "POST" });
