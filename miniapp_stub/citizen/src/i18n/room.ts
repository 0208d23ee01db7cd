// Sentences of the chat room; apart, so that the first view does not carry them.
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  more: ["更多操作：{what}", "More actions: {what}"],
  actions: ["对这条消息", "This message"],
  copy: ["复制", "Copy"],
  copied: ["已复制", "Copied"],
  edit: ["编辑", "Edit"],
  recall: ["撤回", "Recall"],
  edit_note: ["发出后 {n} 分钟内可以编辑", "Within {n} minutes of sending"],
  recall_note: ["发出后 {n} 分钟内可以撤回，对方也将看不到内容", "Within {n} minutes of sending; the other side no longer sees it either"],
  edited: ["已编辑", "Edited"],
  editing: ["正在编辑", "Saving the edit"],
  recalling: ["正在撤回", "Recalling"],
  edit_failed: ["编辑未成功，点按重试", "Not edited. Tap to try again"],
  recall_failed: ["撤回未成功，点按重试", "Not recalled. Tap to try again"],
  recalled_mine: ["您撤回了一条消息", "You recalled a message"],
  recalled_theirs: ["{who}撤回了一条消息", "{who} recalled a message"],
  again: ["重新编辑", "Write it again"],
  edit_of: ["正在编辑：{text}", "Editing: {text}"],
  edit_cancel: ["取消编辑", "Cancel editing"],
  save: ["保存", "Save"],
  discard: ["不发了", "Discard"],
  plain: ["网络受限，已改用普通方式发送", "The network is restricted: sent the ordinary way"],
  unread: ["以下是未读消息", "Unread messages"],
  fresh: ["有 {n} 条新消息", "{n} new messages"],
  "fresh.one": ["有 1 条新消息", "1 new message"],
  older: ["查看更早的消息", "Show earlier messages"],
  uploading: ["照片上传中 {n}%", "Sending the photo, {n}%"],
  upload_failed: ["照片没有传上去，点按重传", "The photo was not sent. Tap to try again"],
};

export function r(key: string, values: Record<string, string | number> = {}): string {
  const pair = (Number(values.n) === 1 && WORDS[`${key}.one`]) || WORDS[key];
  const sentence = pair ? pair[look.locale === "en" ? 1 : 0] : key;
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
