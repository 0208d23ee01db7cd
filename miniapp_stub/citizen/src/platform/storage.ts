// Small things kept on this phone: the session, the look, the last home. Never materials or ID numbers.
const PREFIX = "handheld.";

export function keep(name: string, value: unknown): void {
  try {
    uni.setStorageSync(PREFIX + name, JSON.stringify(value));
  } catch {
    // A full or forbidden store must not stop the page; the value just is not remembered.
  }
}

export function kept<T>(name: string, otherwise: T): T {
  try {
    const raw = uni.getStorageSync(PREFIX + name);
    return raw ? (JSON.parse(raw) as T) : otherwise;
  } catch {
    return otherwise;
  }
}

export function forget(name: string): void {
  uni.removeStorageSync(PREFIX + name);
}
