// Where one is signed in, and ending it from here.
import { ask } from "@/platform/http";

export interface Device {
  id: string;
  current: boolean;
  label: string;
  name: string;
  way: string;
  network: string;
  since: string;
  seen_at: string | null;
}

export const devices = async (): Promise<Device[]> => (await ask<{ items: Device[] }>("/me/devices?limit=100")).items;

export const endDevice = (id: string): Promise<void> => ask<void>(`/me/devices/${id}`, { method: "DELETE" });
