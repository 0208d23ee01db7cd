// Reading a QR code with the camera; a browser has none of ours, there the text of the code is pasted.
// #ifndef H5
/** What the code says; nothing when the person turned back. */
export function readCode(): Promise<string | undefined> {
  return new Promise((resolve) => {
    uni.scanCode({ scanType: ["qrCode"], success: (read) => resolve(read.result), fail: () => resolve(undefined) });
  });
}
// #endif

/** The ticket in a code of ours, or in what somebody copied of it. */
export function ticketIn(said: string): string {
  const found = /(?:^|[?&]ticket=)([\w-]{43})(?![\w-])/.exec(said.trim());
  return found ? found[1]! : "";
}
