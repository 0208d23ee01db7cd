// What is better not sent: looked for here to warn, and again by the server, which hides it.
import { g } from "@/i18n/guard";

const PASSWORD = /(?:密码|口令|验证码|动态码|安全码|cvv2?|password|passwd|pin)\s*(?:是|为|:|：|=|is\b)\s*[!-~]{3,32}/i;
const NUMBERS = [/(?:^|\D)\d{17}[\dXx](?!\d)/, /(?:^|\D)\d{16,19}(?!\d)/, /(?:^|\D)(?:86)?1[3-9]\d{9}(?!\d)/];

/** Full-width digits narrow, blanks and hyphens between digits gone. */
function plain(words: string): string {
  const narrow = words.replace(/[\uff01-\uff5e]/g, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0));
  return narrow.replace(/(\d)[\s-]{1,3}(?=[\dXx])/g, "$1");
}

export function risksOf(words: string): ("password" | "number")[] {
  const text = plain(words);
  return [...(PASSWORD.test(text) ? (["password"] as const) : []), ...(NUMBERS.some((one) => one.test(text)) ? (["number"] as const) : [])];
}

/** What an own message is told to have lost. */
export function hiddenWords(kinds: string[]): string[] {
  const numbers = kinds.filter((kind) => ["id_number", "bank_card", "phone"].includes(kind));
  return [
    ...(numbers.length ? [g("hidden", { kinds: numbers.map((kind) => g(kind)).join("、") })] : []),
    ...(kinds.includes("password") ? [g("removed")] : []),
    ...(kinds.includes("abusive") ? [g("abusive")] : []),
  ];
}
