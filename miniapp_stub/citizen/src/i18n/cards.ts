// Sentences of the cards in a conversation; apart, so that the first view does not carry them.
import { look } from "@/stores/look";

const WORDS: Record<string, [zh: string, en: string]> = {
  item: ["办事指南", "Guide"],
  checklist: ["我的材料清单", "My list of materials"],
  bill: ["缴款书", "Bill"],
  correction: ["材料补正", "Materials to correct"],
  application: ["我的办件", "My case"],
  certificate: ["电子证照", "Certificate"],
  booking: ["预约", "Booking"],
  order: ["工单", "Work order"],
  answer: ["问答", "Answer"],
  at: ["见：{at}", "See: {at}"],
  see_item: ["查看指南", "See the guide"],
  begin: ["去办理", "Apply now"],
  see_checklist: ["看我要准备什么", "See what I need"],
  see_bill: ["查看缴款书", "See the bill"],
  pay: ["去缴款", "Pay now"],
  see_case: ["查看办件", "See the case"],
  go_on: ["继续填写", "Continue"],
  correct: ["去补正", "Correct now"],
  retake: ["重拍：{name}", "Photograph again: {name}"],
  rewrite: ["重填：{name}", "Fill in again: {name}"],
  replaced: ["已重拍", "Done"],
  see_booking: ["查看预约", "See the booking"],
  book: ["选择预约时间", "Choose a time"],
  see_order: ["查看工单", "See the work order"],
  see_certificate: ["查看证照", "See certificates"],
  due: ["截止 {day}", "Due {day}"],
  now: ["现在：{state}", "Now: {state}"],
  newer: ["指南已更新，点开看最新内容", "The guide was updated: open it for the latest"],
  gone: ["内容已不可查看", "No longer available"],
  looking: ["正在获取最新状态…", "Looking up the latest state…"],
  stale: ["暂时无法获取最新状态，显示发送时的内容", "Shown as it was sent; the latest state is not available now"],
  send: ["发送我的办件、缴款或证照", "Send a case, bill or certificate of mine"],
  send_title: ["选择要发送的内容", "What do you want to send?"],
  consent: ["发送即同意：在本次咨询期间，答复您的工作人员可以看到它的名称、状态和金额。原件不会被打开。", "By sending you agree that whoever answers you sees its name, state and amount while this consultation lasts. The file itself is not opened."],
  none: ["您没有可发送的办件、缴款或证照", "You have no case, bill or certificate to send"],
  answers: ["先回答几个问题", "First a few questions"],
  mine: ["您需要准备 {n} 份材料", "You need {n} papers"],
  "mine.one": ["您需要准备 1 份材料", "You need 1 paper"],
  because: ["因为您选择了“{answer}”", "Because you answered “{answer}”"],
  shared: ["无需提供，部门之间已共享", "Not needed: offices share it"],
  unanswered: ["还有 {n} 个问题未答，清单可能变化", "{n} questions left: the list may change"],
  "unanswered.one": ["还有 1 个问题未答，清单可能变化", "1 question left: the list may change"],
  photograph: ["现在就拍照准备", "Photograph them now"],
  photograph_note: ["照片存入您的草稿，不会自动提交", "Photos go into your draft; nothing is handed in"],
  out_of: ["由咨询转入", "Came out of a consultation"],
  about: ["相关咨询", "Consultation about this"],
  finish: ["继续填写并提交", "Go on and hand in"],
  not_online: ["该事项需到窗口办理，可按清单准备材料", "This is done at the counter: bring what is on the list"],
};

/** A sentence by its key; with `n` of one, the sentence under `key.one` is taken where there is one. */
export function c(key: string, values: Record<string, string | number> = {}): string {
  const [zh, en] = (Number(values.n) === 1 && WORDS[`${key}.one`]) || WORDS[key] || [key, key];
  return (look.locale === "en" ? en : zh).replace(/\{(\w+)\}/g, (whole, name: string) => String(values[name] ?? whole));
}
